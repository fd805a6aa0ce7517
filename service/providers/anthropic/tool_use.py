"""Content blocks of tool calls."""

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.anthropic.slot import Scene, Slot
from service.providers.values import Json, object_of, text_of, word_of


class ToolUse:
    """A tool call. It is announced at once; its arguments come in fragments, or with it."""

    is_whole_or_nothing = True

    def __init__(self, scene: Scene, block: Json) -> None:
        if not (name := word_of(block.get("name"))):
            raise Failure(pb.FAILURE_KIND_MALFORMED, "the answer holds a tool call without a name")
        self._input = block.get("input")
        self._caller = object_of(block.get("caller"))
        self._is_argued = False
        self._slot = Slot(scene)
        self._slot.announce(word_of(block.get("id")), name)

    def understands(self, delta: str) -> bool:
        """Whether a delta of that type may be meant for it."""
        return delta == "input_json_delta"

    def delta(self, delta: Json) -> None:
        """More arguments."""
        self._argue(text_of(delta.get("partial_json")))

    def lose(self) -> None:
        """It fails with the whole answer."""

    def stop(self) -> None:
        """A call without arguments has an empty object of them. Who called, if not the model itself, goes back."""
        if not self._is_argued:
            self._argue(text_of(self._input) or "{}")
        if self._caller.get("type", "direct") != "direct":
            self._slot.keep({"caller": self._caller})

    def _argue(self, arguments: str) -> None:
        if arguments:
            self._is_argued = True
            self._slot.argue(arguments)
