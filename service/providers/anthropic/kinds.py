"""The kinds of content blocks in an answer.

start ──► delta ──► … ──► stop          a block that is not stopped is stopped by the end of the answer
"""

from collections.abc import Callable, Mapping
from typing import Protocol

from service.providers.anthropic.slot import Scene
from service.providers.anthropic.spoken import Redacted, Text, Thinking
from service.providers.anthropic.tool_use import ToolUse
from service.providers.anthropic.unmodelled import Unmodelled
from service.providers.values import Json


class Block(Protocol):
    """A block between its start and its stop."""

    @property
    def is_whole_or_nothing(self) -> bool:
        """A lost piece spoils it for whoever is to use it."""
        ...

    def understands(self, delta: str) -> bool:
        """Whether a delta of that type may be meant for it."""
        ...

    def delta(self, delta: Json) -> None:
        """More of it. Raises Failure."""
        ...

    def lose(self) -> None:
        """A piece of it may have been lost."""
        ...

    def stop(self) -> None:
        """It is whole. Raises Failure."""
        ...


_KINDS: Mapping[str, Callable[[Scene, Json], Block]] = {
    "text": Text,
    "thinking": Thinking,
    "redacted_thinking": Redacted,
    "tool_use": ToolUse,
}
_BEGUN: Mapping[str, Callable[[Scene, Json], Block]] = {
    "text_delta": Text,
    "citations_delta": Text,
    "thinking_delta": Thinking,
    "signature_delta": Thinking,
}


def started(scene: Scene, kind: str, block: Json) -> Block:
    """The block that begins so. Raises Failure."""
    return _KINDS.get(kind, Unmodelled)(scene, block)


def begun_by(scene: Scene, delta: str) -> Block | None:
    """The block that a delta of that type belongs to if its start was lost; None: it tells nothing by itself."""
    kind = _BEGUN.get(delta)
    return kind(scene, {}) if kind else None
