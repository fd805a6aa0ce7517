"""Which models will soon be gone, and who is told when: the configuration goes before the catalog."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from service.chat.target import Target
from service.composition.resolve import row_of, same_as
from service.config import ProviderSettings, Settings

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


def last_day_of(name: str, provider: ProviderSettings) -> Callable[[str], date | None]:
    """Tells the last day of any of a provider's models, by the name that targets use; None: no end is known."""
    row, elsewhere = row_of(name, provider), same_as(provider)
    written = {model: said.retires for model, said in provider.models.items() if said.retires is not None}

    @lru_cache(maxsize=256)  # callers choose names
    def last_day(model: str) -> date | None:
        known = row.model(elsewhere.get(model, model))
        return written.get(model) or (known.retires if known else None)

    return last_day


def leaving(settings: Settings, today: date) -> Iterator[Leaving]:
    """The targets of routes that an operator should replace, each once; those that cannot be asked are left out."""
    targets = dict.fromkeys(target for name in settings.routes for target in settings.usable_targets(name))
    last_days = {name: last_day_of(name, provider) for name, provider in settings.providers.items()}
    for target in targets:
        last_day = last_days[target.provider](target.model)
        if last_day is not None and (last_day - today).days <= OPERATOR_DAYS:
            yield Leaving(target, last_day, (last_day - today).days)


def notice(model: str, last_day: date, today: date) -> str:
    """What a caller is told of the model that answers; empty: nothing yet."""
    if (last_day - today).days > CALLER_DAYS:
        return ""
    return f"{model} retires: its last day is {last_day}"
