"""Reads the arguments of faults: counts, durations, chances and statuses."""

import math
import re
from collections.abc import Sequence

from service.simulator.faults import Status

_HEADER = re.compile(r"[A-Za-z0-9-]{1,64}")
_ERROR_MEMBERS = ("message", "type", "param", "code")
_FRAMING = ("content-length", "transfer-encoding", "connection")
_DAY = 86_400.0


class ScriptError(ValueError):
    """A model name, scenario or option that cannot be read; the message says what and where."""


def integer(text: str, low: int, high: int = 10**9) -> int:
    """A whole number from `low` to `high`."""
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII) or not low <= int(text) <= high:
        raise ScriptError(f"'{text}' is not a whole number from {low} to {high}")
    return int(text)


def seconds(text: str) -> float:
    """A duration, `0.5`, `500ms` or `2s`, in seconds; at most a day."""
    number, scale = (text[:-2], 0.001) if text.endswith("ms") else (text.removesuffix("s"), 1.0)
    value = _float(number) * scale
    if not 0 <= value <= _DAY:
        raise ScriptError(f"'{text}' is not a duration such as 0.5, 500ms or 2s")
    return value


def chance(text: str) -> float:
    """A probability from 0 to 1."""
    value = _float(text)
    if not 0 <= value <= 1:
        raise ScriptError(f"'{text}' is not a probability from 0 to 1")
    return value


def status(arguments: Sequence[str]) -> Status:
    """The arguments of `status(CODE,name=value…)`: members of the error by their names, headers otherwise."""
    headers: list[tuple[str, str]] = []
    error: list[tuple[str, str]] = []
    for argument in arguments[1:]:
        name, equals, value = argument.partition("=")
        if not equals or not _HEADER.fullmatch(name) or not value.isprintable():
            raise ScriptError(f"'{argument}' is not header=value")
        if name.lower() in _FRAMING:
            raise ScriptError(f"'{name}' frames the answer and cannot be set")
        (error if name in _ERROR_MEMBERS else headers).append((name, value))
    return Status(integer(arguments[0], 400, 599), tuple(headers), tuple(error))


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan  # outside every range: the caller says what was expected
