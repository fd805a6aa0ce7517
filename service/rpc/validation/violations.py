"""A bounded list of what is wrong with a request."""

import math
import re
from collections.abc import Iterator, Sized
from dataclasses import dataclass

import orjson

from service.rpc import limits

NAME = re.compile(rf"[A-Za-z0-9_-]{{1,{limits.NAME_CHARACTERS}}}")


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: where, as a field path, and what to do about it."""

    field: str
    description: str


class Violations:
    """Keeps the first 20 violations and counts the rest."""

    def __init__(self) -> None:
        self._kept: list[Violation] = []
        self.count = 0
        self.only_limits = True
        """Nothing but limits was violated."""

    def add(self, field: str, description: str) -> None:
        """Something other than a limit is wrong with `field`."""
        self.only_limits = False
        self._keep(field, description)

    def __iter__(self) -> Iterator[Violation]:
        """Those that were kept."""
        return iter(self._kept)

    def bound(self, field: str, value: Sized, most: int, what: str = "characters") -> bool:
        """Whether `value` is within its limit; a violation if it is not."""
        if len(value) <= most:
            return True
        self.add_limit(field, f"{len(value):,} {what}; the limit is {most:,}")
        return False

    def add_limit(self, field: str, description: str) -> None:
        """A limit of `field` is crossed."""
        self._keep(field, description)

    def within(self, field: str, value: float, least: float, most: float = math.inf) -> None:
        """A violation unless least ≤ value ≤ most (so also for NaN)."""
        if not least <= value <= most:
            allowed = f"at least {least:g}" if most == math.inf else f"from {least:g} to {most:g}"
            self.add(field, f"must be {allowed}, is {value:g}")

    def name(self, field: str, value: str) -> None:
        """A violation unless `value` is a name that every provider takes."""
        if not NAME.fullmatch(value):
            self.add(field, f"must be 1 to {limits.NAME_CHARACTERS} letters, digits, _ or -")

    def json_object(self, field: str, value: str, most: int) -> dict[str, object] | None:
        """The JSON object that `value` is, if it has at most `most` characters; a violation if it is none."""
        if not self.bound(field, value, most):
            return None
        try:
            parsed = orjson.loads(value)
        except orjson.JSONDecodeError as error:
            why = "is nested too deeply" if "depth limit" in error.msg else f"is not JSON: {error.msg}"
            self.add(field, f"must be a JSON object; {why} at character {error.pos}")
            return None
        if isinstance(parsed, dict):
            return parsed
        self.add(field, f"must be a JSON object, is {type(parsed).__name__}")
        return None

    def _keep(self, field: str, description: str) -> None:
        self.count += 1
        if len(self._kept) < limits.VIOLATIONS:
            self._kept.append(Violation(field, description))
