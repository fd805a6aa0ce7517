"""Builds the events of one answer out of its chunks; a whole answer is a single chunk.

What was said leaves with `take` and is not kept. Text and thoughts go on in their part until something else comes or a
signature ends it: a part that Google signed goes back as it was signed, not longer and not shorter.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.errors import ErrorTable, failure_in
from service.providers.gemini.calls import ToolCall, ToolCalls
from service.providers.gemini.finish import expect_usable, finish_reason, finish_word
from service.providers.gemini.usage import usage_of
from service.providers.opaque import part_state
from service.providers.redaction import readable
from service.providers.values import Json, object_of, objects_of, text_of, word_of

_MODELLED = frozenset({"text", "thought", "thoughtSignature"})


class _Kind(Enum):
    TEXT = auto()
    THOUGHT = auto()
    CALL = auto()
    BLOCK = auto()


@dataclass(slots=True)
class _Part:
    """What of one part has not left yet."""

    index: int
    kind: _Kind
    pieces: list[str] = field(default_factory=list)
    call: ToolCall | None = None
    state: Json = field(default_factory=dict)
    signed: bool = False


class Answer:
    """One answer on its way. `issuer` is whose state and blocks they are."""

    def __init__(self, issuer: str, errors: ErrorTable) -> None:
        self.finish = ""
        """Why the model stopped, in the provider's latest word for it: old models say STOP with every chunk."""
        self.usage: pb.Usage | None = None
        self.characters = 0
        self.settled = False
        """The latest chunk told why the model stopped and what it cost, and nothing of the provider's own is under way:
        code that it runs itself, for one, is followed by what came of it."""
        self._issuer = issuer
        self._errors = errors
        self._calls = ToolCalls()
        self._parts = 0
        self._latest: _Part | None = None
        self._growing: _Part | None = None
        """The part of the call whose arguments are coming."""
        self._waiting: dict[int, _Part] = {}
        self._message = ""

    @property
    def is_over(self) -> bool:
        """Never: no chunk says so."""
        return False

    @property
    def in_tool_call(self) -> bool:
        """A fragment that is lost now would be missing from a tool call."""
        return self._calls.open is not None

    def read(self, chunk: Json) -> None:
        """Takes in one chunk. Raises Failure."""
        if chunk.get("error"):
            raise failure_in(chunk, own=self._errors)
        self._calls.answer_id = word_of(chunk.get("responseId")) or self._calls.answer_id
        usage = usage_of(object_of(chunk.get("usageMetadata")))
        self.usage = usage or self.usage
        self.settled = False
        for candidate in objects_of(chunk.get("candidates")):
            if not candidate.get("index"):
                self._read_candidate(candidate)
                self.settled = bool(self.finish and usage and not self._runs_own_tool)
        self._expect_unblocked(object_of(chunk.get("promptFeedback")))

    def lose(self) -> None:
        """A chunk that nobody could read changes nothing."""

    def take(self) -> list[pb.ChatEvent]:
        """The deltas since the last time, one for each part, in the order in which they came."""
        waiting, self._waiting = self._waiting, {}
        return [event for part in waiting.values() for event in self._events(part)]

    def end(self) -> list[pb.ChatEvent]:
        """The last events. Raises Failure when what was said cannot be an answer."""
        expect_usable(self.finish, self._message, said=self._parts > 0)
        response = pb.ChatResponse(
            finish_reason=finish_reason(self.finish, calls=len(self._calls) > 0),
            provider_finish_reason=self.finish,
            usage=self.usage,
        )
        self._end_call(cut=response.finish_reason == pb.FINISH_REASON_LENGTH)
        return [*self.take(), pb.ChatEvent(completed=response)]

    @property
    def _runs_own_tool(self) -> bool:
        return self._latest is not None and self._latest.kind is _Kind.BLOCK

    def _read_candidate(self, candidate: Json) -> None:
        for part in objects_of(object_of(candidate.get("content")).get("parts")):
            self._read_part(part)
        if word := finish_word(candidate.get("finishReason")):
            self.finish = word
            self._message = word_of(candidate.get("finishMessage"))

    def _read_part(self, part: Json) -> None:
        signature = word_of(part.get("thoughtSignature"))
        if isinstance(part.get("functionCall"), dict):
            self._read_call(object_of(part["functionCall"]), signature)
        elif part.keys() <= _MODELLED or isinstance(part.get("text"), str):
            kind = _Kind.THOUGHT if part.get("thought") is True else _Kind.TEXT
            self._say(kind, word_of(part.get("text")), signature)
        else:
            self._add(self._opened(_Kind.BLOCK), text_of(part))

    def _say(self, kind: _Kind, text: str, signature: str) -> None:
        if not (text or signature):
            return
        part = self._latest
        if part is None or part.kind is not kind or part.signed:
            part = self._opened(kind)
            if not text:  # withheld: what goes back is the state alone
                part.state = {"text": ""} | ({"thought": True} if kind is _Kind.THOUGHT else {})
        if text:
            self._add(part, text)
        self._sign(part, signature)

    def _read_call(self, said: Json, signature: str) -> None:
        if word_of(said.get("name")):
            self._end_call(cut=False)
            part = self._opened(_Kind.CALL)
            part.call = self._calls.begin(said)
            part.state = dict(part.call.state)
            self._growing = part if self._calls.open else None
        elif self._growing is not None:
            part = self._growing
            self._calls.go_on(said)
            self._growing = part if self._calls.open else None
        elif said:
            raise Failure(pb.FAILURE_KIND_MALFORMED, "the answer holds a tool call without a name")
        else:
            return
        self._waiting[part.index] = part
        self._sign(part, signature)

    def _end_call(self, *, cut: bool) -> None:
        """Ends a call whose arguments were still coming, which only the limit of the answer may do."""
        if self._growing is None:
            return
        if not cut:
            raise Failure(pb.FAILURE_KIND_MALFORMED, "the answer holds a tool call that does not end")
        self._calls.close()
        self._waiting[self._growing.index] = self._growing
        self._growing = None

    def _sign(self, part: _Part, signature: str) -> None:
        if signature and not part.signed:
            part.signed = True
            part.state["thoughtSignature"] = signature
            self._waiting[part.index] = part

    def _opened(self, kind: _Kind) -> _Part:
        self._latest = _Part(self._parts, kind)
        self._parts += 1
        return self._latest

    def _add(self, part: _Part, text: str) -> None:
        self.characters += len(text)
        part.pieces.append(text)
        self._waiting[part.index] = part

    def _events(self, part: _Part) -> list[pb.ChatEvent]:
        """What of the part may leave: what was said, and then its state."""
        events = [self._delta(part)] if part.pieces or (part.call and part.call.speaks) else []
        part.pieces.clear()
        if part.state and part is not self._growing:  # a call may be signed until it ends
            events.append(part_state(part.index, self._issuer, text_of(part.state).encode()))
            part.state = {}
        return events

    def _delta(self, part: _Part) -> pb.ChatEvent:
        text = "".join(part.pieces)
        match part.kind:
            case _Kind.TEXT:
                return pb.ChatEvent(text_delta=pb.TextDelta(part=part.index, text=text))
            case _Kind.THOUGHT:
                return pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=part.index, text=text))
            case _Kind.BLOCK:
                block = pb.ProviderBlock(issuer=self._issuer, json=text)
                return pb.ChatEvent(part_state=pb.PartState(part=part.index, provider_block=block))
            case _Kind.CALL:
                assert part.call is not None
                return pb.ChatEvent(tool_call_delta=part.call.delta(part.index))

    def _expect_unblocked(self, feedback: Json) -> None:
        """Raises Failure if the prompt was refused; of an answer that had begun this is the reason why it stopped."""
        message = word_of(feedback.get("blockReasonMessage"))
        word = finish_word(feedback.get("blockReason")) or ("OTHER" if message else "")
        if word and self._parts == 0 and not self.finish:
            why = f", {readable(message)}" if message else ""
            raise Failure(pb.FAILURE_KIND_CONTENT_FILTERED, f"the provider refuses the prompt: {word}{why}")
        self.finish = self.finish or word
