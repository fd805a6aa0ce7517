"""Exceptions for the log: which, and where; never what they say, nor the values of variables.

An exception's message may quote what a caller asked (`KeyError: '…'`, `invalid literal for int(): '…'`), so it stays
out; the line of code it was raised in says what it means.
"""

import errno
import sys
import traceback
from collections.abc import Iterator
from types import FrameType, TracebackType

from structlog.typing import EventDict, WrappedLogger

MOST_FRAMES = 40
MOST_EXCEPTIONS = 8


def named(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A structlog processor: gives a line that brings an exception the field `error`."""
    if "exc_info" in event:
        error = event["exc_info"] = _exception_of(event["exc_info"])
        if error is None:
            del event["exc_info"]
        else:
            event["error"] = summary(error)
    return event


def told(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A structlog processor, after `named`: turns the exception into the field `exception`."""
    if "exc_info" in event:
        event["exception"] = described(event.pop("exc_info"))
    return event


def summary(error: BaseException) -> str:
    """Its type, and where it was raised."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return f"{_type(error)} at {_place(last.tb_frame, last.tb_lineno)}" if last else _type(error)


def described(error: BaseException) -> list[dict[str, object]]:
    """The exception and what led to it, each with its frames, outermost first."""
    return [
        {"type": _type(one), "frames": _frames(one.__traceback__)}
        for one, _ in zip(_all_of(error, set()), range(MOST_EXCEPTIONS), strict=False)
    ]


def stack(frame: FrameType) -> list[str]:
    """Where a thread is, outermost first."""
    places = [_place(at, line) for at, line in traceback.walk_stack(frame)]
    return _bounded(places[::-1])


def _exception_of(exc_info: object) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    found = exc_info[1] if isinstance(exc_info, tuple) else sys.exception() if exc_info else None
    return found if isinstance(found, BaseException) else None


def _all_of(error: BaseException, seen: set[int]) -> Iterator[BaseException]:
    if id(error) in seen:
        return
    seen.add(id(error))
    yield error
    if isinstance(error, BaseExceptionGroup):
        for member in error.exceptions:
            yield from _all_of(member, seen)
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None:
        yield from _all_of(cause, seen)


def _type(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    code = errno.errorcode.get(error.errno or 0) if isinstance(error, OSError) else None
    return f"{name}[{code}]" if code else name


def _frames(trace: TracebackType | None) -> list[str]:
    return _bounded([_place(frame, line) for frame, line in traceback.walk_tb(trace)])


def _bounded(places: list[str]) -> list[str]:
    if len(places) <= MOST_FRAMES:
        return places
    half = MOST_FRAMES // 2
    return [*places[:half], f"… {len(places) - 2 * half} more …", *places[-half:]]


def _place(frame: FrameType, line: int) -> str:
    file = "/".join(frame.f_code.co_filename.split("/")[-3:])
    return f"{file}:{line} in {frame.f_code.co_name}"
