"""Keeps an outage from filling the log: of lines that say the same, a few are written and the others counted."""

from collections.abc import Callable, Iterable

from structlog import DropEvent
from structlog.typing import EventDict, WrappedLogger

from service.telemetry.metrics.known import OTHER
from service.telemetry.repeats import Kind, Repeats

ALWAYS = "call"
"""The access line: one for each call, whatever happens."""
IDENTITY = ("target", "rule", "reason", "logger", "error")
"""The fields that, beside level and event, make two lines say the same."""

Say = Callable[[str, str, dict[str, object]], None]
"""Writes a line: level, event, fields."""


class Limit:
    """A structlog processor. Debug lines pass: whoever asked for them follows one call and wants them all."""

    def __init__(self, repeats: Repeats, say: Say) -> None:
        self._repeats = repeats
        self._say = say
        self._targets: frozenset[str] | None = None

    def know(self, targets: Iterable[str]) -> None:
        """Says which targets there are: all others, which callers invent, are one from now on."""
        self._targets = frozenset(targets)

    def __call__(self, _: WrappedLogger, level: str, event: EventDict) -> EventDict:
        """The line as it came. Raises DropEvent if it is held back."""
        name = event["event"]
        if name == ALWAYS or level == "debug" or "repeated" in event:
            return event
        get = event.get
        target = get("target")
        if self._targets is not None and target is not None and target not in self._targets:
            target = OTHER
        if self._repeats.admits((level, name, target, get("rule"), get("reason"), get("logger"), get("error"))):
            return event
        raise DropEvent

    def tick(self) -> None:
        """Says what was held back in windows that are over. To be called about once a second."""
        self._tell(self._repeats.over())

    def finish(self) -> None:
        """Says what was held back and not yet said."""
        self._tell(self._repeats.rest())

    def _tell(self, counts: list[tuple[Kind, int]]) -> None:
        for (level, name, *identity), repeated in counts:
            known = {field: value for field, value in zip(IDENTITY, identity, strict=False) if value is not None}
            self._say(str(level), str(name), {**known, "repeated": repeated})
