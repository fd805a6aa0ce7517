"""The place of a content block among the parts of an answer."""

from collections.abc import Callable
from dataclasses import dataclass

from mainstay import v1 as pb
from service.providers.anthropic.pending import Pending
from service.providers.opaque import part_state
from service.providers.values import Json, text_of


@dataclass(frozen=True, slots=True)
class Scene:
    """What all blocks of one answer share."""

    issuer: str
    """Whose state and blocks they are."""
    pending: Pending
    new_part: Callable[[], int]
    made_up_id: Callable[[], str]
    signatures: bool
    """Thoughts without a signature are of no use to their issuer."""


class Slot:
    """A part that is opened by the first thing that can be shown of it, so that an empty block leaves no trace."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._part = -1

    @property
    def is_open(self) -> bool:
        """Something was shown."""
        return self._part >= 0

    @property
    def part(self) -> int:
        """The number of the part, which this opens."""
        if self._part < 0:
            self._part = self._scene.new_part()
        return self._part

    def say(self, text: str) -> None:
        """More text; none is nothing."""
        if text:
            self._scene.pending.text(self.part, text)

    def think(self, text: str) -> None:
        """More thoughts; none is nothing."""
        if text:
            self._scene.pending.thoughts(self.part, text)

    def announce(self, id: str, name: str) -> None:
        """A tool call begins."""
        call = pb.ToolCallDelta(part=self.part, id=id or self._scene.made_up_id(), name=name)
        self._scene.pending.event(pb.ChatEvent(tool_call_delta=call))

    def argue(self, arguments: str) -> None:
        """More arguments of the call."""
        self._scene.pending.arguments(self.part, arguments)

    def keep(self, state: Json) -> None:
        """What goes back with the part."""
        self._scene.pending.event(part_state(self.part, self._scene.issuer, text_of(state).encode()))

    def hand_on(self, block: Json) -> None:
        """A block of the issuer's own kind, as it is."""
        own = pb.ProviderBlock(issuer=self._scene.issuer, json=text_of(block))
        self._scene.pending.event(pb.ChatEvent(part_state=pb.PartState(part=self.part, provider_block=own)))
