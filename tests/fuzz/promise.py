"""What a decoder promises of its events, checked one by one, so that what came before a failure counts too."""

from collections.abc import Iterable

from mainstay import v1 as pb

_ONCE = ("text_delta", "reasoning_delta")
_LATE = ("tool_call_delta", "reasoning_delta")


class Broken(AssertionError):
    """The decoder broke its promise."""


class Promise:
    """Follows the events of one answer; raises `Broken`."""

    def __init__(self, *, one_text: bool = True) -> None:
        """`one_text`: the protocol has one part of text and one of thoughts, whatever stands between their pieces."""
        self.completed = False
        self._once = _ONCE if one_text else ()
        self._kinds: dict[int, str] = {}  # of each part that was begun
        self._waiting: set[int] = set()  # parts passed over: calls without a name yet, thoughts that are withheld
        self._stated: set[int] = set()  # parts whose state was said

    def see(self, events: Iterable[pb.ChatEvent]) -> None:
        """Takes in the next events."""
        for event in events:
            _expect(not self.completed, "an event after `completed`")
            match kind := event.WhichOneof("event"):
                case "text_delta":
                    _expect(bool(event.text_delta.text), "an empty text delta")
                    self._part(event.text_delta.part, kind)
                case "reasoning_delta":
                    _expect(bool(event.reasoning_delta.text), "an empty reasoning delta")
                    self._part(event.reasoning_delta.part, kind)
                case "tool_call_delta":
                    self._call(event.tool_call_delta)
                case "part_state":
                    self._state(event.part_state)
                case "completed":
                    _expect(event.completed.finish_reason != pb.FINISH_REASON_UNSPECIFIED, "no finish reason")
                    self.completed = True
                case _:
                    raise Broken(f"an event that a decoder never sends: {kind}")

    def end(self) -> None:
        """The answer is over, and no failure was raised."""
        _expect(self.completed, "neither `completed` nor a failure")
        _expect(not self._waiting, f"parts {self._waiting} never came")

    def _call(self, delta: pb.ToolCallDelta) -> None:
        if self._part(delta.part, "tool_call_delta"):
            _expect(bool(delta.id and delta.name), "a tool call begins without an id or a name")
        else:
            _expect(not delta.id and not delta.name, "an id or a name is said twice")

    def _state(self, state: pb.PartState) -> None:
        if state.HasField("provider_block"):
            _expect(bool(state.provider_block.json), "an empty block")
            _expect(self._part(state.part, "block"), "a block is said twice")
            return
        _expect(bool(state.provider_state.data), "an empty state")
        _expect(state.part not in self._stated, "a state is said twice")
        self._stated.add(state.part)
        if state.part not in self._kinds:
            self._part(state.part, "reasoning_delta")

    def _part(self, part: int, kind: str) -> bool:
        """Whether the part is new. Parts are numbered in order of appearance, those of the provider's fragments."""
        if part in self._kinds:
            _expect(self._kinds[part] == kind, "a part of two kinds")
            return False
        if part in self._waiting:
            _expect(kind in _LATE, f"part {part} was passed over and is a {kind}")
            self._waiting.remove(part)
        else:
            begun = len(self._kinds) + len(self._waiting)
            _expect(part >= begun, f"part {part} after {begun} parts")
            self._waiting.update(range(begun, part))
        _expect(kind not in self._once or kind not in self._kinds.values(), f"a second part of {kind}")
        self._kinds[part] = kind
        return True


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)
