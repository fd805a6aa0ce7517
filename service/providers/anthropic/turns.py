"""Turns that alternate: what the same side says in a row is one turn, and the user begins."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from service.providers.anthropic.listener import Listener
from service.providers.values import Json

Side: TypeAlias = Literal["user", "assistant"]
USER: Side = "user"
ASSISTANT: Side = "assistant"
_FILLER: Json = {"type": "text", "text": "."}
"""The least that somebody can say who has to say something."""


@dataclass(slots=True)
class Turn:
    """One side's turn."""

    role: Side
    blocks: list[Json] = field(default_factory=list)


class Turns:
    """The turns of one conversation, in the making."""

    def __init__(self) -> None:
        self._turns: list[Turn] = []
        self.begun = False
        """Somebody had a turn, if only to say nothing."""

    def add(self, role: Side, blocks: list[Json]) -> None:
        """The next that somebody says; nothing is no turn."""
        self.begun = True
        if not blocks:
            return
        if not self._turns or self._turns[-1].role != role:
            self._turns.append(Turn(role))
        self._turns[-1].blocks += blocks

    def finished(self, listener: Listener) -> list[Turn]:
        """All turns, the user's first; at least one."""
        if not self._turns or self._turns[0].role != USER:
            listener.downgrades("messages", "begins with a filler: the user must have the first word")
            return [Turn(USER, [_FILLER]), *self._turns]
        return self._turns
