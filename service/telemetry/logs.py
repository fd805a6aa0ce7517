"""Structured logs: one JSON line per event on standard error, readable colours on a terminal."""

import logging
import sys

import orjson
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.processors import ExceptionRenderer, JSONRenderer, TimeStamper, add_log_level
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import EventDict, Processor


def configure(level: str) -> None:
    """`level` is one of debug, info, warning, error."""
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            add_log_level,
            TimeStamper(fmt="iso", utc=True),
            *(_for_people() if terminal else _for_machines()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _for_people() -> list[Processor]:
    return [ConsoleRenderer(exception_formatter=plain_traceback)]


def _for_machines() -> list[Processor]:
    """Tracebacks without the values of variables: those hold prompts and credentials."""
    return [ExceptionRenderer(ExceptionDictTransformer(show_locals=False)), JSONRenderer(serializer=_json)]


def _json(event: EventDict, **_: object) -> str:
    return orjson.dumps(event, default=repr).decode()
