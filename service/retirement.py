"""Which models will soon be gone, and who is told when: the configuration goes before the catalog."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from service.chat.target import Target
from service.config import ProviderSettings, Settings
from service.resolve import row_of, same_as

OPERATOR_DAYS = 90
"""Before the last day: long enough to try a successor."""
CALLER_DAYS = 30


@dataclass(frozen=True, slots=True)
class Leaving:
    """A target of a route that will soon not answer any more, or does not now."""

    target: Target
    last_day: date
    days: int
    """From today to the last day; negative once that is over."""

    def __str__(self) -> str:
        if self.days < 0:
            return f"{self.target} has retired: it answered until {self.last_day}"
        return f"{self.target} retires: it answers until {self.last_day}, {self.days} days from now"


def last_days(name: str, provider: ProviderSettings) -> dict[str, date]:
    """Those of a provider's models whose last day is known, by the names that targets use."""
    row = row_of(name, provider)
    known = {model.name: model.retires for model in row.models}
    elsewhere = {here: known.get(there) for here, there in same_as(provider).items()}
    written = {model: said.retires for model, said in provider.models.items() if said.retires is not None}
    return {model: day for model, day in {**known, **elsewhere, **written}.items() if day is not None}


def leaving(settings: Settings, today: date) -> Iterator[Leaving]:
    """The targets of routes that an operator should replace, each once; those that cannot be asked are left out."""
    targets = dict.fromkeys(target for name in settings.routes for target in settings.usable_targets(name))
    known = {name: last_days(name, provider) for name, provider in settings.providers.items()}
    for target in targets:
        last_day = known[target.provider].get(target.model)
        if last_day is not None and (last_day - today).days <= OPERATOR_DAYS:
            yield Leaving(target, last_day, (last_day - today).days)


def notice(model: str, last_day: date, today: date) -> str:
    """What a caller is told of the model that answers; empty: nothing yet."""
    if (last_day - today).days > CALLER_DAYS:
        return ""
    return f"{model} retires: its last day is {last_day}"
