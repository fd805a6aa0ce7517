"""How many tokens a question has, before anybody is asked."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mainstay import v1 as pb
from service.chat.target import Target


@dataclass(frozen=True, slots=True)
class Size:
    """Of a question, for one target."""

    tokens: int | None
    """None: it holds pictures or files, which cannot be counted here."""
    exact: bool = False
    """Counted with the model's own vocabulary; else it is an estimate."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a model counts in, and what its provider adds to a conversation of plain texts."""

    name: str
    per_message: int
    """Tokens around each message."""
    in_all: int
    """Tokens around the whole: those that begin the answer."""


Count: TypeAlias = Callable[[pb.ChatRequest, Sequence[Target]], Awaitable[Sequence[Size]]]
"""The size of a question for each target, in their order."""
