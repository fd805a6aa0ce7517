"""Where two bodies are not the same, and which differences are meant."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

ABSENT = "(absent)"

Difference = tuple[str, Any, Any]
"""The path without indexes, theirs, ours."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A difference between a recorded body and ours that is meant."""

    path: str
    is_it: Callable[[Any, Any], bool]
    reason: str


def left_out(*recorded: Any) -> Callable[[Any, Any], bool]:
    """Recorded as one of these (anything, if none is named), and not said by us."""
    return lambda theirs, ours: ours == ABSENT and (not recorded or any(_same(theirs, one) for one in recorded))


def differences(theirs: Any, ours: Any, path: str = "") -> Iterator[Difference]:
    """Where they are not the same."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in theirs | ours:
            yield from differences(theirs.get(name, ABSENT), ours.get(name, ABSENT), f"{path}.{name}".lstrip("."))
    elif isinstance(theirs, list) and isinstance(ours, list) and len(theirs) == len(ours):
        for one, other in zip(theirs, ours, strict=True):
            yield from differences(one, other, path)
    elif theirs != ours or isinstance(theirs, bool) != isinstance(ours, bool):
        yield path, theirs, ours


def reasons(allowed: Iterable[Allowed], difference: Difference) -> list[str]:
    """Why a difference is meant; empty if it is not."""
    path, theirs, ours = difference
    return [each.reason for each in allowed if re.fullmatch(each.path, path) and each.is_it(theirs, ours)]


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)
