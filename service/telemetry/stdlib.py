"""What libraries log, warn of, or fail with in their own threads, as lines of ours."""

import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

MESSAGE_CHARACTERS = 300
NOBODY_IS_WOKEN_BY = ("opentelemetry",)
"""Libraries whose errors hurt no call: their lines are warnings at most."""

log = structlog.get_logger()
python = logging.getLogger("python")


class Bridge(logging.Handler):
    """Tells records of the standard library's logging as lines with the event `library`."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes one line. Never raises."""
        fields: dict[str, object] = {"logger": record.name, "message": _message(record)}
        if record.exc_info:
            fields["exc_info"] = record.exc_info[1]
        if record.levelno >= logging.ERROR and not record.name.startswith(NOBODY_IS_WOKEN_BY):
            log.error("library", fields=fields)
        else:
            log.warning("library", fields=fields)


@contextmanager
def bridged(level: int = logging.WARNING) -> Iterator[None]:
    """As long as this is open, whatever is logged at `level` and up, warned of, or raised into nowhere is a line."""
    root, bridge = logging.getLogger(), Bridge(level)
    hooks = threading.excepthook, sys.unraisablehook, warnings.showwarning
    root.addHandler(bridge)
    threading.excepthook, sys.unraisablehook = _thread_died, _nowhere_to_raise
    logging.captureWarnings(capture=True)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        threading.excepthook, sys.unraisablehook, warnings.showwarning = hooks
        root.removeHandler(bridge)


def _message(record: logging.LogRecord) -> str:
    """One line: further ones show objects with all that is in them."""
    try:
        said = record.getMessage()
    except (TypeError, ValueError, KeyError):  # arguments that do not fit
        said = str(record.msg)
    first = said.partition("\n")[0]
    return first if len(first) <= MESSAGE_CHARACTERS else first[: MESSAGE_CHARACTERS - 1] + "…"


def _thread_died(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is not SystemExit:
        python.error("a thread died", exc_info=args.exc_value)


def _nowhere_to_raise(args: "UnraisableHookArgs") -> None:
    python.error("an exception had nowhere to go", exc_info=args.exc_value)
