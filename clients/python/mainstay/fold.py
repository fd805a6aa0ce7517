"""The events of a stream, folded into the answer that they tell. No I/O: it serves every way to read one."""

from dataclasses import dataclass, field
from typing import Literal

from mainstay import v1 as pb
from mainstay.errors import IncompleteStream

Kind = Literal["text", "reasoning", "tool_call", "provider_block"]


class Fold:
    """Add every event in the order in which it came; after `completed`, `response` is the whole answer.

    Raises IncompleteStream when an event is missing or makes no sense: what was folded so far is worthless
    then. Heartbeats and events that this release does not know change nothing.
    """

    def __init__(self) -> None:
        self._sequence = 0
        self._parts: dict[int, _Part] = {}
        self._usage: pb.Usage | None = None
        self._response: pb.ChatResponse | None = None

    @property
    def response(self) -> pb.ChatResponse | None:
        """The answer with its message. None until `completed`."""
        return self._response

    def add(self, event: pb.ChatEvent) -> None:
        """Takes the next event of the stream. The event stays the caller's."""
        kind = event.WhichOneof("event")
        if event.sequence == 0 and kind in ("heartbeat", None):
            return
        self._count(event)
        match kind:
            case "text_delta":
                self._part(event.text_delta.part, "text").pieces.append(event.text_delta.text)
            case "reasoning_delta":
                self._part(event.reasoning_delta.part, "reasoning").pieces.append(event.reasoning_delta.text)
            case "tool_call_delta":
                self._add_tool_call(event.tool_call_delta)
            case "part_state":
                self._add_state(event.part_state)
            case "attempt_reset":
                self._reset(event.attempt_reset.mode)
            case "usage":
                self._usage = pb.Usage()
                self._usage.CopyFrom(event.usage)  # the event itself would keep its whole arena alive
            case "completed":
                self._response = self._complete(event.completed)
            case "started" | "heartbeat" | None:
                pass

    def _count(self, event: pb.ChatEvent) -> None:
        if self._response is not None:
            raise IncompleteStream(f"event {event.sequence} came after `completed`")
        if event.sequence != self._sequence + 1:
            raise IncompleteStream(f"event {self._sequence + 1} was expected and event {event.sequence} came")
        self._sequence = event.sequence

    def _part(self, index: int, kind: Kind | None) -> "_Part":
        part = self._parts.setdefault(index, _Part())
        if kind is not None and part.kind not in (kind, None):
            raise IncompleteStream(f"part {index} was {part.kind} and became {kind} in event {self._sequence}")
        part.kind = kind or part.kind
        return part

    def _add_tool_call(self, delta: pb.ToolCallDelta) -> None:
        part = self._part(delta.part, "tool_call")
        call = part.message.tool_call
        call.id = call.id or delta.id
        call.name = call.name or delta.name
        part.pieces.append(delta.arguments_json)

    def _add_state(self, state: pb.PartState) -> None:
        part = self._part(state.part, "provider_block" if state.HasField("provider_block") else None)
        if state.HasField("provider_block"):
            part.message.provider_block.CopyFrom(state.provider_block)
        if state.HasField("provider_state"):
            part.message.provider_state.CopyFrom(state.provider_state)

    def _reset(self, mode: pb.ResetMode.ValueType) -> None:
        match mode:
            case pb.RESET_MODE_DISCARD:
                self._parts.clear()
            case pb.RESET_MODE_CONTINUE:
                pass
            case _:
                raise IncompleteStream(f"the answer was reset in a way that this release does not know ({mode})")

    def _complete(self, completed: pb.ChatResponse) -> pb.ChatResponse:
        indexes = sorted(self._parts)
        if indexes != list(range(len(indexes))):
            raise IncompleteStream(f"the answer lacks a part: it has {indexes}")
        response = pb.ChatResponse()
        response.CopyFrom(completed)
        response.message.Clear()
        response.message.role = pb.ROLE_ASSISTANT
        response.message.parts.extend(self._parts[index].build() for index in indexes)
        if self._usage is not None and not response.HasField("usage"):
            response.usage.CopyFrom(self._usage)
        return response


@dataclass(slots=True)
class _Part:
    """A part in the making. Text waits in a list: appending to a protobuf string copies all of it."""

    kind: Kind | None = None
    message: pb.Part = field(default_factory=pb.Part)
    pieces: list[str] = field(default_factory=list)

    def build(self) -> pb.Part:
        text = "".join(self.pieces)
        match self.kind:
            case "text":
                self.message.text = text
            case "reasoning":
                self.message.reasoning.text = text
            case "tool_call":
                self.message.tool_call.arguments_json = text
            case None:  # state and nothing else is how thoughts arrive that the provider withholds
                self.message.reasoning.redacted = True
            case "provider_block":
                pass
        return self.message
