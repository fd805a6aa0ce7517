"""Structured logs: one JSON line per event on standard output, readable colours on a terminal."""

import json
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime

import orjson
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import ExceptionRenderer, TimeStamper, add_log_level
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor, WrappedLogger

from service.telemetry.sink import Sink, unblocking

STANDARD_OUTPUT = 1


def configure(level: str) -> None:
    """`level` is one of debug, info, warning, error."""
    renderers = _for_people() if os.isatty(STANDARD_OUTPUT) else _for_machines()
    lines = _Lines(Sink(unblocking(STANDARD_OUTPUT), _apology).write)
    structlog.configure(
        processors=[_spread, add_log_level, *renderers],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )


class _Lines:
    """What structlog hands rendered lines to: the same for every level."""

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = write


def _for_people() -> list[Processor]:
    render = ConsoleRenderer(exception_formatter=plain_traceback)
    return [
        TimeStamper(fmt="iso", utc=True),
        lambda logger, method, event: render(logger, method, event).encode(errors="replace"),
    ]


def _for_machines() -> list[Processor]:
    """Tracebacks without the values of variables: those hold prompts and credentials."""
    return [ExceptionRenderer(ExceptionDictTransformer(show_locals=False)), _stamped, as_json]


def _spread(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Puts the fields of a line that brings them as one dict beside the others."""
    event.update(event.pop("fields", {}))
    return event


def _stamped(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    event["timestamp"] = datetime.now(UTC)  # orjson writes it in a tenth of the time that isoformat takes
    return event


def as_json(_: WrappedLogger, __: str, event: EventDict) -> bytes:
    """The line, whatever is in it."""
    try:
        return orjson.dumps(event, default=repr, option=orjson.OPT_UTC_Z)
    except orjson.JSONEncodeError:  # half a surrogate pair, or a number beyond 64 bits
        return json.dumps(event, default=str).encode()


def _apology(dropped: int) -> bytes:
    line = {"event": "log lines were dropped", "lines": dropped, "level": "warning", "timestamp": datetime.now(UTC)}
    return orjson.dumps(line, option=orjson.OPT_UTC_Z)
