"""What an answer says in the form that was asked for, and what is said to a model whose answer has not got it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Self

from mainstay import v1 as pb
from service.chat.fold import Fold

_CUT = {
    pb.FINISH_REASON_LENGTH: "it is not whole: the model reached its limit of output tokens",
    pb.FINISH_REASON_CONTENT_FILTER: "it is not whole: the provider withheld the rest of it",
    pb.FINISH_REASON_REFUSAL: "the model declined to answer",
    pb.FINISH_REASON_PAUSE: "it is not whole: the provider paused it",
}


def schema_of(request: pb.ChatRequest) -> str:
    """The JSON Schema that the answer shall fit; empty: it shall be some JSON object."""
    return request.response_format.json_schema.schema_json


@dataclass(slots=True)
class Heard:
    """What of an answer is held against the form."""

    finish: pb.FinishReason.ValueType = pb.FINISH_REASON_UNSPECIFIED
    _texts: list[str] = field(default_factory=list)
    _called: bool = False

    @classmethod
    def of(cls, events: Iterable[pb.ChatEvent]) -> Self:
        """All of a whole answer."""
        heard = cls()
        for event in events:
            heard.add(event)
        return heard

    def add(self, event: pb.ChatEvent) -> None:
        """Takes in the next event; keeps nothing of it."""
        match event.WhichOneof("event"):
            case "text_delta":
                self._texts.append(event.text_delta.text)
            case "tool_call_delta":
                self._called = True
            case "completed":
                self.finish = event.completed.finish_reason
            case _:
                pass

    @property
    def text(self) -> str:
        """All that it says as text; thoughts are none."""
        return "".join(self._texts)

    @property
    def wants_tools(self) -> bool:
        """It is no answer yet: the model waits for tools."""
        return self._called or self.finish == pb.FINISH_REASON_TOOL_CALLS


def why_no_use(finish: pb.FinishReason.ValueType) -> str | None:
    """Why an answer that ended so cannot be mended, and why asking again would not help; None: it might."""
    return _CUT.get(finish)


def saying(events: Sequence[pb.ChatEvent], text: str) -> Iterator[pb.ChatEvent]:
    """The same whole answer with another text: all in its first part of text, and none in the others.

    A part of which the provider wants its state back stays, even without text.
    """
    stateful = {event.part_state.part for event in events if event.HasField("part_state")}
    for event in events:
        if not event.HasField("text_delta"):
            yield event
        elif text or event.text_delta.part in stateful:
            yield pb.ChatEvent(text_delta=pb.TextDelta(part=event.text_delta.part, text=text))
            text = ""


def put_again(request: pb.ChatRequest, events: Iterable[pb.ChatEvent], violations: Iterable[str]) -> pb.ChatRequest:
    """The question, the answer that did not fit it, and what was wrong with that."""
    fold = Fold()
    for event in events:
        fold.add(event)
    longer = pb.ChatRequest()
    longer.CopyFrom(request)
    fold.write(longer.messages.add())
    longer.messages.add(role=pb.ROLE_USER).parts.add(text=_complaint(violations))
    return longer


def _complaint(violations: Iterable[str]) -> str:
    listed = "\n".join(f"- {violation}" for violation in violations)
    return (
        f"This answer does not have the form that was asked for:\n{listed}\n"
        "Answer once more, with the corrected JSON and nothing else."
    )
