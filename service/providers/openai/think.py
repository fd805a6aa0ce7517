"""Finds thoughts that stand between tags at the very beginning of the text: `<think>…</think>`.

beginning ──<think>──▶ thinking ──</think>──▶ thought ──▶ text
    └──────────────── anything else ───────────────────────▲
"""

from collections.abc import Iterator
from enum import Enum, auto

_OPEN, _CLOSE = "<think>", "</think>"
_BLANKS = " \t\r\n"
MOST_BLANKS = 64
"""Before the opening tag; a text that begins with more of them has none."""


class _At(Enum):
    BEGINNING = auto()
    THINKING = auto()
    THOUGHT = auto()
    """The blanks between the thoughts and the text, which belong to neither."""
    TEXT = auto()


class ThinkTags:
    """Tells thoughts and text apart. However the text is cut, the pieces say the same."""

    def __init__(self) -> None:
        self._at = _At.BEGINNING
        self._held = ""  # what may yet become a tag

    def feed(self, text: str) -> Iterator[tuple[bool, str]]:
        """The pieces that are sure by now, each with whether it is a thought; none is empty."""
        if self._at is _At.TEXT:
            yield False, text
            return
        self._held += text
        if self._at is _At.BEGINNING:
            self._begin()
        if self._at is _At.THINKING and (thoughts := self._thoughts()):
            yield True, thoughts
        if self._at is _At.THOUGHT:
            self._held = self._held.lstrip(_BLANKS)
            self._at = _At.TEXT if self._held else _At.THOUGHT
        if self._at is _At.TEXT and self._held:
            yield False, self._held
            self._held = ""

    def end(self) -> Iterator[tuple[bool, str]]:
        """What was held back and became no tag."""
        held, self._held = self._held, ""
        if held:
            yield self._at is _At.THINKING, held

    def _begin(self) -> None:
        begun = self._held.lstrip(_BLANKS)
        if len(self._held) - len(begun) > MOST_BLANKS:
            self._at = _At.TEXT
        elif begun.startswith(_OPEN):
            self._at, self._held = _At.THINKING, begun.removeprefix(_OPEN)
        elif not _OPEN.startswith(begun):
            self._at = _At.TEXT

    def _thoughts(self) -> str:
        thoughts, tag, rest = self._held.partition(_CLOSE)
        if tag:
            self._at, self._held = _At.THOUGHT, rest
            return thoughts
        kept = _begun(thoughts)
        self._held = thoughts[len(thoughts) - kept :]
        return thoughts[: len(thoughts) - kept]


def _begun(text: str) -> int:
    """How many of the last characters may be the beginning of the closing tag."""
    return next((size for size in range(len(_CLOSE) - 1, 0, -1) if text.endswith(_CLOSE[:size])), 0)
