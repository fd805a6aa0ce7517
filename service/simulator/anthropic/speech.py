"""What Anthropic answers: whole, and streamed."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from service.simulator.answers import Answer
from service.simulator.anthropic.content import Said, content_of
from service.simulator.protocol import Json
from service.simulator.question import Question

_REASONS = {
    "stop": "end_turn",
    "length": "max_tokens",
    "tool_calls": "tool_use",
    "content_filter": "refusal",
}


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
        """The message."""
        content = [said.whole for said in content_of(self.question, self.answer)]
        return orjson.dumps({**self._message(content), **self._end(), "usage": {**self._input(), **self._output()}})

    def opening(self) -> bytes:
        """The message without its content, and a ping."""
        message = {**self._message([]), "stop_reason": None, "stop_sequence": None}
        start = {"message": {**message, "usage": {**self._input(), "output_tokens": 1}}}
        return _event("message_start", start) + self.ping()

    def pieces(self, whole_calls: bool) -> Iterator[bytes]:
        """The deltas of each block; the first comes with its beginning and the last with its end."""
        for index, said in enumerate(content_of(self.question, self.answer, whole_calls)):
            yield from _streamed(index, said)

    def closing(self) -> Iterator[bytes]:
        """The stop reason, and all of the usage once more."""
        yield _event("message_delta", {"delta": self._end(), "usage": {**self._input(), **self._output()}})

    def done(self) -> bytes:
        """The mark of the end."""
        return _event("message_stop", {})

    def ping(self) -> bytes:
        """An event that says nothing."""
        return _event("ping", {})

    def malformed(self) -> bytes:
        """A delta that is cut off."""
        return b'event: content_block_delta\ndata: {"type":"content_block_delta","index\n\n'

    def broken(self, error: Json) -> bytes:
        """The error as one more event."""
        return _event("error", error)

    def _message(self, content: list[Json]) -> Json:
        return {
            "id": f"msg_{self.question.digest[:24]}",
            "type": "message",
            "role": "assistant",
            "model": self.question.model,
            "content": content,
        }

    def _end(self) -> Json:
        finish, stopped_by = self.answer.finish, self.answer.stopped_by
        if finish == "stop" and stopped_by:
            return {"stop_reason": "stop_sequence", "stop_sequence": stopped_by}
        return {"stop_reason": _REASONS.get(finish, finish), "stop_sequence": None}

    def _input(self) -> Json:
        prompt = self.question.prompt_tokens()
        return {"input_tokens": prompt, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}

    def _output(self) -> Json:
        thought = {"thinking_tokens": self.answer.reasoning_tokens()}
        return {"output_tokens": self.answer.completion_tokens(), "output_tokens_details": thought}


def _streamed(index: int, said: Said) -> Iterator[bytes]:
    start = _event("content_block_start", {"index": index, "content_block": said.begins})
    deltas = [_event("content_block_delta", {"index": index, "delta": delta}) for delta in said.deltas]
    ends = [_event("content_block_delta", {"index": index, "delta": delta}) for delta in said.ends]
    stop = b"".join([*ends, _event("content_block_stop", {"index": index})])
    *all_but_last, last = deltas or [b""]
    for delta in all_but_last:
        yield start + delta
        start = b""
    yield start + last + stop


def _event(kind: str, data: Json) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), orjson.dumps({"type": kind, **data}))
