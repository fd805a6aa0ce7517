"""Structured logs: one JSON line per event on standard output, readable colours on a terminal. `docs/logs.md` has all.

log.info(…) ──▶ limited ──▶ timestamp, level, exception ──▶ rendered ──▶ masked ──▶ written, one at a time
"""

import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
import structlog
from structlog.dev import ConsoleRenderer
from structlog.processors import TimeStamper, add_log_level
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from service.telemetry import tracebacks
from service.telemetry.limit import Limit
from service.telemetry.redaction import Mask
from service.telemetry.repeats import Repeats
from service.telemetry.sink import Sink, unblocking
from service.telemetry.stdlib import bridged
from service.telemetry.turns import Turns

STANDARD_OUTPUT = 1
PLAIN = (str, int, float, list, dict, type(None))
JSON = orjson.OPT_UTC_Z | orjson.OPT_PASSTHROUGH_DATACLASS


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What a line goes through, and whom to tell about once a second that time passes."""

    processors: list[Processor]
    wrapper_class: type[FilteringBoundLogger]
    limit: Limit


@dataclass(frozen=True, slots=True)
class Log:
    """A log that is being written."""

    tick: Callable[[], None]
    """To be called about once a second."""
    dropped: Callable[[], int]
    """How many lines were lost so far."""
    learn: Callable[[str, str], None]
    """Whose credential, and the credential: it never comes out from now on."""
    know: Callable[[Iterable[str]], None]
    """Which targets there are: lines about others, which callers invent, are limited together from now on."""


@contextmanager
def configured(level: str, credentials: Iterable[str] = ()) -> Iterator[Log]:
    """Lines go to standard output while this is open, libraries' too.

    `level` is one of debug, info, warning, error. `credentials` never come out.
    """
    sink = Sink(unblocking(STANDARD_OUTPUT), _apology)
    mask, turns = Mask(credentials), Turns(sink.write)
    lines = Lines(lambda line: turns(mask(line)))
    made = pipeline(level, people=os.isatty(STANDARD_OUTPUT))
    structlog.configure(
        processors=made.processors,
        wrapper_class=made.wrapper_class,
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    with bridged():
        try:
            yield Log(made.limit.tick, lambda: sink.dropped, mask.learn, made.limit.know)
        finally:
            made.limit.finish()


def pipeline(level: str, *, people: bool = False, now: Callable[[], float] = time.monotonic) -> Pipeline:
    """Made for `people` or for machines; `now` is monotonic."""
    limit = Limit(Repeats(now), _say)
    renderers = _for_people() if people else [_stamped, as_json]
    processors = [_spread, tracebacks.named, limit, add_log_level, tracebacks.told, *renderers]
    return Pipeline(processors, structlog.make_filtering_bound_logger(_number(level)), limit)


class Lines:
    """What structlog hands rendered lines to: the same for every level."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = write


def _say(level: str, event: str, fields: dict[str, object]) -> None:
    structlog.get_logger().log(_number(level), event, fields=fields)


def _number(level: str) -> int:
    return logging.getLevelNamesMapping()[level.upper()]


def _for_people() -> list[Processor]:
    render = ConsoleRenderer()
    return [
        TimeStamper(fmt="iso", utc=True),
        _told_to_people,
        lambda logger, method, event: render(logger, method, event).encode(errors="replace"),
    ]


def _told_to_people(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event = {name: _harmless(value) if isinstance(value, PLAIN) else opaque(value) for name, value in event.items()}
    if "exception" in event:
        parts = ([f"{one['type']}, raised in", *one["frames"]] for one in event["exception"])
        event["exception"] = "\n".join("\n    ".join(part) for part in parts)
    return event


def _harmless(value: object) -> object:
    """A text that a terminal would not only show, but heed, as Python writes it: callers choose some of them."""
    return repr(value) if isinstance(value, str) and not value.isprintable() else value


def _spread(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Puts the fields of a line that brings them as one dict beside the others."""
    event.update(event.pop("fields", {}))
    return event


def _stamped(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(UTC)  # orjson writes it in a tenth of the time that isoformat takes
    return event


def as_json(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    """The line, whatever is in it; of an object only what it is, since it may hold what a caller said."""
    try:
        return orjson.dumps(event, default=opaque, option=JSON)
    except orjson.JSONEncodeError:  # half a surrogate pair, or a number beyond 64 bits
        return json.dumps(event, default=opaque).encode()


def opaque(value: object) -> str:
    """What is written of an object: its kind; but for times, which JSON lacks and lines have."""
    return value.isoformat() if isinstance(value, datetime) else f"<{type(value).__name__}>"


def _apology(dropped: int) -> bytes:
    line = {"event": "log lines were dropped", "lines": dropped, "level": "warning", "timestamp": datetime.now(UTC)}
    return orjson.dumps(line, option=JSON)
