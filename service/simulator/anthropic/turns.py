"""The conversation as the API sees it: messages of one role that follow each other are one turn."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from service.simulator.anthropic.blocks import Block, ToolResult
from service.simulator.anthropic.request import Said


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and where it stands, such as `messages.1.content.0`."""

    at: str
    block: Block


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said until the other did."""

    role: str
    blocks: tuple[Placed, ...]

    @property
    def answers_tools(self) -> bool:
        """It brings results of tools."""
        return any(isinstance(placed.block, ToolResult) for placed in self.blocks)


def turns_of(messages: Iterable[Said]) -> tuple[Turn, ...]:
    """The turns of both sides; what the system says in between belongs to neither."""
    said = ((number, message) for number, message in enumerate(messages) if message.role != "system")
    merged = groupby(said, key=lambda numbered: numbered[1].role)
    return tuple(Turn(role, tuple(_placed(group))) for role, group in merged)


def loop_of(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """What the assistant said since the user last spoke for himself: a loop of tools is one turn of the assistant's."""
    start = next((n for n in reversed(range(len(turns))) if _begins(turns[n])), -1)
    return tuple(turn for turn in turns[start + 1 :] if turn.role == "assistant")


def _begins(turn: Turn) -> bool:
    return turn.role == "user" and not turn.answers_tools


def _placed(group: Iterable[tuple[int, Said]]) -> Iterator[Placed]:
    for number, message in group:
        for index, block in enumerate(message.content):
            yield Placed(f"messages.{number}.content.{index}", block)
