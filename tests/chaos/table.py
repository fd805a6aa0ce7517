"""The table: a line for each row as it comes, what was wrong below it, and the count at last."""

import os
from typing import TextIO

from tests.chaos.run import Result

_RED, _GREEN, _BOLD, _PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[1m", "\x1b[0m"
_LINE = "{:<4} {:<7} {:<47} {:<46} {:>8} {:>9} {:>6}  {}"
_HEAD = ("id", "asked", "what happens", "what the caller saw", "attempts", "time", "scale", "")


class Table:
    """Writes for people; in colour if they look."""

    def __init__(self, out: TextIO, title: str = "chaos") -> None:
        self._out = out
        self._title = title
        self._colour = out.isatty() and not os.environ.get("NO_COLOR")  # noqa: TID251 - nobody else is to know it
        self._passed = self._total = 0

    @property
    def all_passed(self) -> bool:
        """Whether there were any, and each was as it must be."""
        return self._passed == self._total > 0

    def head(self) -> None:
        """The names of the columns."""
        self._write(self._in(_BOLD, _LINE.format(*_HEAD).rstrip()))

    def add(self, result: Result) -> None:
        """A line."""
        self._total += 1
        self._passed += result.complaint is None
        mark = self._in(_GREEN, "ok") if result.complaint is None else self._in(_RED, "FAILED")
        attempts = "" if result.attempts is None else str(result.attempts)
        scale = "" if result.scale is None else f"1:{result.scale}"
        time = f"{result.seconds:.2f} s"
        self._write(_LINE.format(result.id, result.mode, result.does, result.saw, attempts, time, scale, mark))
        if result.complaint is not None:
            self._write(self._in(_RED, f"     {result.complaint}"))

    def end(self, seconds: float) -> None:
        """How many were as they must be."""
        self._write(f"\n{seconds:.0f} s in all")
        self._write(self._in(_GREEN if self.all_passed else _RED, f"{self._title}: {self._passed}/{self._total}"))

    def _write(self, line: str) -> None:
        print(line, file=self._out, flush=True)

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self._colour else text
