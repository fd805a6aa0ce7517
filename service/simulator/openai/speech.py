"""What an OpenAI provider answers: whole, and streamed."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from service.simulator.answers import Answer, ToolCall
from service.simulator.protocol import Json
from service.simulator.question import Question
from service.simulator.tokens import tokens

CREATED = 1_767_225_600  # a fixed moment: the same request gets the same bytes


@dataclass(frozen=True, slots=True)
class Spoken:
    """One answer; implements `Speech`."""

    question: Question
    answer: Answer

    @property
    def kind(self) -> str:
        """Events, or JSON."""
        return "text/event-stream; charset=utf-8" if self.question.stream else "application/json"

    def whole(self) -> bytes:
        """The body of an answer that comes in one piece."""
        message: dict[str, object] = {"role": "assistant", "content": self.answer.text, "refusal": None}
        if self.answer.thoughts:
            message["reasoning_content"] = self.answer.thoughts
        if self.answer.calls:
            message["content"] = None
            message["tool_calls"] = [_function(call) for call in self.answer.calls]
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": self.answer.finish}
        return orjson.dumps({**self._head("chat.completion"), "choices": [choice], "usage": self._usage()})

    def opening(self) -> bytes:
        """The first chunk: the role."""
        content = None if self.answer.calls else ""
        return self._chunk({"role": "assistant", "content": content, "refusal": None})

    def pieces(self, whole_calls: bool) -> Iterator[bytes]:
        """The chunks that carry the answer: thoughts, then a token each, or the fragments of its tool calls."""
        for token in tokens(self.answer.thoughts):
            yield self._chunk({"reasoning_content": token})
        for token in tokens(self.answer.text):
            yield self._chunk({"content": token})
        for index, call in enumerate(self.answer.calls):
            for fragment in _fragments(index, call, whole_calls):
                yield self._chunk({"tool_calls": [fragment]})

    def closing(self) -> Iterator[bytes]:
        """The finish chunk and, where it was asked for, the usage."""
        yield self._chunk({}, self.answer.finish)
        if self.question.include_usage:
            yield _event({**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage()})

    def done(self) -> bytes:
        """The mark of the end."""
        return b"data: [DONE]\n\n"

    def ping(self) -> bytes:
        """A comment."""
        return b": PROCESSING\n\n"

    def malformed(self) -> bytes:
        """A chunk that is cut off."""
        return b'data: {"id":"chatcmpl-\n\n'

    def broken(self, error: Json) -> bytes:
        """The error as one more event."""
        return _event(error)

    def _chunk(self, delta: Json, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        chunk = {**self._head("chat.completion.chunk"), "choices": [choice]}
        if self.question.include_usage:
            chunk["usage"] = None
        return _event(chunk)

    def _head(self, kind: str) -> dict[str, object]:
        return {
            "id": f"chatcmpl-{self.question.digest[:24]}",
            "object": kind,
            "created": CREATED,
            "model": self.question.model,
            "system_fingerprint": "fp_simulator",
        }

    def _usage(self) -> Json:
        prompt, completion = self.question.prompt_tokens(), self.answer.completion_tokens()
        return {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion,
            "prompt_tokens_details": {"cached_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": self.answer.reasoning_tokens()},
        }


def _event(data: Json) -> bytes:
    """One server-sent event."""
    return b"data: %b\n\n" % orjson.dumps(data)


def _function(call: ToolCall) -> Json:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}


def _fragments(index: int, call: ToolCall, whole: bool) -> Iterator[Json]:
    """The call in one piece, or id and name first and the arguments after them, token by token."""
    if whole:
        yield {"index": index, **_function(call)}
        return
    yield {"index": index, **_function(ToolCall(call.id, call.name, ""))}
    for token in tokens(call.arguments):
        yield {"index": index, "function": {"arguments": token}}
