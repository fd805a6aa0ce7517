"""An answer as the cache keeps it, and as events again.

It is a ChatResponse as bytes: message, end, usage and adjustments, and of its provenance who answered and when.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from mainstay import v1 as pb
from service.chat.elapsed import put
from service.chat.reply import Reply
from service.chat.target import Target


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer out of the store, for one reader; `age` in seconds."""

    answer: pb.ChatResponse
    age: float

    @classmethod
    def opened(cls, kept: bytes | None, wall: Callable[[], float]) -> "Kept | None":
        """What the bytes say; None if they are none, or nothing that was sealed here. `wall`: seconds since 1970."""
        if kept is None:
            return None
        try:
            answer = pb.ChatResponse.FromString(kept)
        except DecodeError:
            return None
        if not (answer.HasField("message") and answer.provenance.HasField("cached_at")):
            return None
        return cls(answer, max(wall() - answer.provenance.cached_at.ToNanoseconds() / 1e9, 0.0))

    @property
    def target(self) -> Target:
        """Whose answer it was."""
        return Target(self.answer.provenance.provider, self.answer.provenance.model)

    def reply(self, source: pb.Source.ValueType, notice: str) -> Reply:
        """The answer, whole. Nothing is left of it here: to be asked for once."""
        return Reply.whole(_events_of(self.answer, source, notice))


def sealed(answer: pb.ChatResponse, wall: float) -> bytes:
    """The answer as it is kept, marked with the time, in seconds since 1970."""
    put(answer.provenance.cached_at, wall)
    return answer.SerializeToString()


def without_the_call(completed: pb.ChatResponse) -> pb.ChatResponse:
    """A copy without what is true of one call only."""
    answer = pb.ChatResponse()
    answer.CopyFrom(completed)
    for field in ("id", "source", "notice", "provenance"):
        answer.ClearField(field)
    return answer


def in_words(age: float) -> str:
    """So many seconds as people say them: two or more of the largest unit."""
    for unit, seconds in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if age >= 2 * seconds:
            return f"{age // seconds:.0f} {unit}"
    return "1 second" if 1 <= age < 2 else f"{age // 1:.0f} seconds"


def _events_of(kept: pb.ChatResponse, source: pb.Source.ValueType, notice: str) -> Iterator[pb.ChatEvent]:
    origin = kept.provenance
    started = pb.Started(source=source, notice=notice, provider=origin.provider, model=origin.model)
    yield pb.ChatEvent(started=started)
    for index, part in enumerate(kept.message.parts):
        yield from _deltas_of(index, part)
    kept.ClearField("message")
    for field in ("provider", "model"):
        origin.ClearField(field)
    yield pb.ChatEvent(completed=kept)


def _deltas_of(index: int, part: pb.Part) -> Iterator[pb.ChatEvent]:
    match part.WhichOneof("content"):
        case "text":
            yield pb.ChatEvent(text_delta=pb.TextDelta(part=index, text=part.text))
        case "reasoning" if not part.reasoning.redacted:
            yield pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=index, text=part.reasoning.text))
        case "tool_call":
            call = part.tool_call
            delta = pb.ToolCallDelta(part=index, id=call.id, name=call.name, arguments_json=call.arguments_json)
            yield pb.ChatEvent(tool_call_delta=delta)
        case _:
            pass
    if part.HasField("provider_state") or part.HasField("provider_block") or part.reasoning.redacted:
        state = pb.PartState(part=index)
        if part.HasField("provider_state"):
            state.provider_state.CopyFrom(part.provider_state)
        if part.HasField("provider_block"):
            state.provider_block.CopyFrom(part.provider_block)
        yield pb.ChatEvent(part_state=state)
