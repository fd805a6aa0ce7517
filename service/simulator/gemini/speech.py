"""What Gemini answers: whole, and streamed."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import orjson

from service.simulator.answers import Answer, ToolCall
from service.simulator.gemini.framing import Array, Events, Framing
from service.simulator.gemini.signing import signature_of_call, signature_of_text
from service.simulator.protocol import Json
from service.simulator.question import Question
from service.simulator.tokens import count, tokens

_REASONS = {"stop": "STOP", "length": "MAX_TOKENS", "tool_calls": "STOP", "content_filter": "SAFETY"}


@dataclass(frozen=True, slots=True)
class Spoken:
    """One answer; implements `Speech`."""

    question: Question
    answer: Answer
    framing: Framing = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "framing", Events() if self.question.events else Array())

    @property
    def kind(self) -> str:
        """Events, or JSON."""
        return self.framing.kind

    def whole(self) -> bytes:
        """One chunk that holds all; whoever wants events gets even that as one."""
        chunk = self._chunk(list(self._parts()), self.answer.completion_tokens(), self._reason())
        return self.framing.chunk(chunk)

    def opening(self) -> bytes:
        """Whatever the framing begins with."""
        return self.framing.opening()

    def pieces(self, whole_calls: bool) -> Iterator[bytes]:
        """A token each; calls are whole anyway."""
        said = self.answer.reasoning_tokens()
        if self.question.shows_thoughts:
            for token in tokens(self.answer.thoughts):
                yield self._piece({"text": token, "thought": True}, said)
        for token in tokens(self.answer.text):
            said += 1
            yield self._piece({"text": token}, said)
        for part, call in zip(self._calls(), self.answer.calls, strict=True):
            said += count(call.name) + count(call.arguments)
            yield self._piece(part, said)

    def closing(self) -> Iterator[bytes]:
        """An empty text, signed if there were thoughts and no calls, and the finish reason."""
        part = {"text": "", **({} if self.answer.calls else self._signed())}
        yield self.framing.chunk(self._chunk([part], self.answer.completion_tokens(), self._reason()))

    def done(self) -> bytes:
        """Whatever the framing ends with."""
        return self.framing.done()

    def ping(self) -> bytes:
        """Whatever the framing lets pass."""
        return self.framing.ping()

    def malformed(self) -> bytes:
        """A chunk that is cut off."""
        return self.framing.raw(b'{"candidates": [{"content')

    def broken(self, error: Json) -> bytes:
        """The error in the place of the rest."""
        return self.framing.error(error)

    def _parts(self) -> Iterator[Json]:
        if self.answer.thoughts and self.question.shows_thoughts:
            yield {"text": self.answer.thoughts, "thought": True}
        if self.answer.text:
            yield {"text": self.answer.text, **self._signed()}
        yield from self._calls()

    def _calls(self) -> Iterator[Json]:
        """The calls of this step, of which the first is signed."""
        for number, call in enumerate(self.answer.calls):
            yield _call(call, signed_by=None if number else self.question.digest)

    def _signed(self) -> Json:
        return {"thoughtSignature": signature_of_text(self.question.digest)} if self.answer.thoughts else {}

    def _reason(self) -> str:
        return _REASONS.get(self.answer.finish, self.answer.finish)

    def _piece(self, part: Json, said: int) -> bytes:
        return self.framing.chunk(self._chunk([part], said))

    def _chunk(self, parts: list[Json], said: int, finish: str | None = None) -> Json:
        candidate: dict[str, object] = {"content": {"parts": parts, "role": "model"}, "index": 0}
        if finish is not None:
            candidate["finishReason"] = finish
        return {
            "candidates": [candidate],
            "usageMetadata": self._usage(said),
            "modelVersion": self.question.model,
            "responseId": self.question.digest[:22],
        }

    def _usage(self, said: int) -> Json:
        """What was used so far, thoughts and all."""
        prompt, thoughts = self.question.prompt_tokens(), self.answer.reasoning_tokens()
        usage = {"promptTokenCount": prompt, "candidatesTokenCount": said - thoughts, "totalTokenCount": prompt + said}
        return {**usage, "thoughtsTokenCount": thoughts} if thoughts else usage


def _call(call: ToolCall, signed_by: str | None) -> Json:
    args = orjson.loads(call.arguments)
    part = {"functionCall": {"name": call.name, "args": args}}
    if signed_by is None:
        return part
    return {**part, "thoughtSignature": signature_of_call(signed_by, call.name, args)}
