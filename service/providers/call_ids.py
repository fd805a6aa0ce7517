"""Ids of tool calls as a provider takes them: none twice in a conversation, and those of others made to fit."""

import re
from dataclasses import dataclass
from hashlib import sha256

_DIGEST = 8
"""Characters of a digest that stand for the rest of an id that is too long."""
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_TAIL = 30
"""Characters of an answer's id that its made-up ids keep: its end is what sets it apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdShape:
    """Which ids a provider takes; any, unless something is said."""

    letters: str = ""
    """What an id is made of, as in a character class; empty: of anything. Letters and digits are always among it."""
    least: int = 1
    most: int = 256
    """How many characters it has."""

    def fitted(self, given: str) -> str:
        """The id, or one that fits; the same for the same."""
        said = re.sub(f"[^{self.letters}]", self._filler, given) if self.letters else given
        if self.least <= len(said) <= self.most:
            return said
        digest = sha256(given.encode()).hexdigest()
        if len(said) < self.least:
            return said + digest[: self.least - len(said)]
        return said[: self.most - _DIGEST] + digest[:_DIGEST]

    def numbered(self, id: str, number: int) -> str:
        """A further one of that name."""
        ending = f"{self._filler}{number}"
        return id[: self.most - len(ending)] + ending

    @property
    def _filler(self) -> str:
        return "_" if not self.letters or "_" in self.letters else ""


class CallIds:
    """The ids of one conversation, call by call; each is told by the id that was given and by those before it."""

    def __init__(self, shape: IdShape) -> None:
        self._shape = shape
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}
        """The last number that was tried of each."""

    def of(self, given: str) -> str:
        """The id of the next call. Ids of other providers are of any shape, and begin anew in each answer."""
        fitted = self._shape.fitted(given)
        id = fitted
        while id in self._taken:
            number = self._numbers[fitted] = self._numbers.get(fitted, 1) + 1
            id = self._shape.numbered(fitted, number)
        self._taken.add(id)
        return id


def made_up(number: int, answer_id: str) -> str:
    """An id for a call that came without: no other answer has it, if the answer itself has a plain id."""
    return f"call_{number}_{answer_id[-_TAIL:]}" if _PLAIN.fullmatch(answer_id) else f"call_{number}"
