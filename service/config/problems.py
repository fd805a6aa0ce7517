"""What is wrong with a configuration: every problem with its place, and one error that carries them all."""

from collections.abc import Sequence
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""Keys and list positions from the root to a value."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value was written: a file and line, or a variable of the environment."""

    source: str
    line: int | None = None

    def __str__(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to repair. Never holds a secret's value."""

    place: Place
    path: KeyPath
    message: str

    def __str__(self) -> str:
        where = f"{self.place} {'.'.join(_shown(part) for part in self.path)}".rstrip()
        return f"{where}: {self.message}"


class ConfigurationError(Exception):
    """The configuration cannot be used. `problems` has at least one entry; str() is one line for each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(*problems)
        self.problems: tuple[Problem, ...] = tuple(problems)

    def __str__(self) -> str:
        return "\n".join(map(str, self.problems))


def _shown(part: str | int) -> str:
    text = str(part)
    return text if text.isascii() and text.isprintable() and len(text) <= 64 else repr(text[:64])
