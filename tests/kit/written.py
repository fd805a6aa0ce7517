"""Lines as the service would write them, kept instead of written."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from service.telemetry.limit import Limit
from service.telemetry.logs import Lines, pipeline
from service.telemetry.redaction import Mask


class Written(list[bytes]):
    """The lines so far."""

    now = 0.0
    """The clock of what limits repeats."""
    limit: Limit

    def of(self, event: str) -> list[dict[str, Any]]:
        """Those of one kind of event, as JSON."""
        return [line for line in map(json.loads, self) if line["event"] == event]


@contextmanager
def written(level: str = "debug", *, people: bool = False, credentials: Iterable[str] = ()) -> Iterator[Written]:
    """As long as this is open, structlog is set up as in production, but for the last step."""
    kept, mask, before = Written(), Mask(credentials), structlog.get_config()
    lines = Lines(lambda line: kept.append(mask(line)))
    made = pipeline(level, people=people, now=lambda: kept.now)
    kept.limit = made.limit
    structlog.configure(
        processors=made.processors,
        wrapper_class=made.wrapper_class,
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=False,  # loggers of modules would remember it beyond this
    )
    try:
        yield kept
    finally:
        structlog.configure(**before)
