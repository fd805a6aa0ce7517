"""Tells the story on a terminal: text as it comes, how it came about, and what was seen in the end."""

import os
from collections.abc import Sequence
from typing import TextIO

from mainstay import render
from tests.chaos.seen import Seen
from tests.demo.steps import Step

_BOLD, _DIM, _GREEN, _RED, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[31m", "\x1b[0m"
_LINE = "{:>2}  {:<8} {:<16} {:<34} {}"


class Narrator:
    """Writes for people; in colour if they look."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._colour = out.isatty() and not os.environ.get("NO_COLOR")  # noqa: TID251 - nobody else is to know it

    def introduce(self, address: str) -> None:
        """What is running."""
        self._line(f"Mainstay serves on {address}, in front of two simulated providers: primary and secondary.", _DIM)

    def begin(self, number: int, step: Step) -> None:
        """What happens now, and the question."""
        self._line(f"\n{number}. {step.title}", _BOLD)
        self._line(f"   {step.told}", _DIM)
        self._line(f"\n   ? {step.question}")
        self._write("   ! ")

    def hear(self, text: str) -> None:
        """A piece of the answer."""
        self._write(render.printable(text))

    def explain(self, seen: Seen, complaint: str | None) -> None:
        """How the answer came about, and whether it is what it should be."""
        self._line("\n")
        for line in (
            render.summary(seen.response) if seen.response else render.failure(seen.error) if seen.error else []
        ):
            self._line(f"   {line}", _DIM)
        if complaint is not None:
            self._line(f"   NOT AS IT SHOULD BE: {complaint}", _RED)

    def conclude(self, story: Sequence[tuple[Seen, str | None]], seconds: float) -> None:
        """What was seen."""
        self._line("\nWhat was seen", _BOLD)
        self._line(_LINE.format("", "source", "answered by", "trace", "attempts"), _DIM)
        for number, (seen, complaint) in enumerate(story, start=1):
            trace, attempts = seen.provenance.trace_id, _attempts(seen.attempts)
            self._line(_LINE.format(number, _source(seen), _who(seen), trace, attempts), _RED if complaint else "")
        right = sum(complaint is None for _, complaint in story)
        self._line(f"\n{seconds:.0f} s in all", _DIM)
        self._line(f"demo: {right}/{len(story)}", _GREEN if right == len(story) else _RED)

    def _line(self, text: str, colour: str = "") -> None:
        self._write(self._in(colour, text) + "\n")

    def _write(self, text: str) -> None:
        self._out.write(text)
        self._out.flush()

    def _in(self, colour: str, text: str) -> str:
        return f"{colour}{text}{_PLAIN}" if self._colour and colour else text


def _source(seen: Seen) -> str:
    return {"rule answer": "rule", "cached answer": "cache"}.get(seen.phrase, "model" if seen.response else "none")


def _who(seen: Seen) -> str:
    """A cached answer is still that of the model that gave it."""
    return "/".join(name for name in (seen.provenance.provider, seen.provenance.model) if name) or "nobody"


def _attempts(attempts: Sequence[str]) -> str:
    """Equal ones in a row are counted: `3 × primary UNREACHABLE, secondary ANSWERED`."""
    told: list[tuple[str, int]] = []
    for attempt in attempts:
        if told and told[-1][0] == attempt:
            told[-1] = (attempt, told[-1][1] + 1)
        else:
            told.append((attempt, 1))
    return ", ".join(f"{count} × {attempt}" if count > 1 else attempt for attempt, count in told) or "none"
