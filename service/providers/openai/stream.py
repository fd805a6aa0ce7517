"""Decodes a streamed answer, network read by network read."""

import orjson

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.openai import whole
from service.providers.openai.answer import Answer
from service.providers.openai.error_table import NOTHING_OWN, ErrorTable
from service.providers.openai.errors import failure_said
from service.providers.openai.halves import Halves
from service.providers.sse import EVENT_BYTES, Event, Splitter


class Stream:
    """Turns the bytes of one streamed answer into events, the same however they are cut into reads.

    The answer is whole when the provider gave a finish reason or, as some never do, counted the tokens and
    said [DONE]. When `feed` raises, the deltas of that read are lost with it: before commit nobody misses
    them, after it the caller is told to begin again or to go on after what it saw.
    """

    def __init__(
        self, provider: str, *, structured: bool = False, think_tags: bool = False, errors: ErrorTable = NOTHING_OWN
    ) -> None:
        """`provider`: whose state and blocks they are. `think_tags`: the text may begin with `<think>…</think>`.

        `structured`: the answer's text is to be JSON, of which no piece may be missing.
        `errors`: in what the provider's errors differ.
        """
        self._provider = provider
        self._think_tags = think_tags
        self._errors = errors
        self._structured = structured
        self._halves = Halves()
        self.done = False
        """The provider said [DONE]."""
        self.skipped = 0
        """Chunks that could not be read and were passed over."""
        self._splitter = Splitter()
        self._answer = Answer("delta", provider, think_tags=think_tags, errors=errors)
        self._understood = False
        self._body: bytearray | None = bytearray()  # kept until the first event: this may be no stream

    @property
    def finished(self) -> bool:
        """A finish reason was seen."""
        return bool(self._answer.finish)

    def feed(self, data: bytes) -> list[pb.ChatEvent]:
        """The deltas of one network read. Raises Failure."""
        if self.done:
            return []
        events = self._splitter.feed(data)
        if self._body is not None:
            self._keep(data, events)
        for event in events:
            self._read(event)
        return self._answer.take()

    def end(self) -> list[pb.ChatEvent]:
        """The last events, once the body has ended or the provider has said [DONE]. Raises Failure."""
        if not self.done:
            self._read_rest()
        if self._body is not None:
            return self._not_a_stream(bytes(self._body))
        if self.finished or (self.done and self._answer.usage is not None):
            return self._answer.end()
        if self.skipped and not self._understood:
            raise Failure(pb.FAILURE_KIND_MALFORMED, "no chunk of the stream is readable")
        raise Failure(
            pb.FAILURE_KIND_CUT_OFF,
            f"the stream ended without a finish reason, after {self._answer.characters} characters",
        )

    def _read(self, event: Event) -> None:
        if self.done:
            return
        if event.name == "error":
            raise failure_said(event.data, self._errors)
        data = event.data.strip()
        if data == b"[DONE]":
            self.done = True
        elif data:
            self._read_chunk(data)

    def _read_chunk(self, data: bytes) -> None:
        try:
            chunk = orjson.loads(data)
        except orjson.JSONDecodeError:
            chunk = self._mended(data)
        if not isinstance(chunk, dict):
            return self._skip()
        self._understood = True
        return self._answer.read(chunk)

    def _mended(self, data: bytes) -> object:
        try:
            return orjson.loads(self._halves.mended(data))
        except orjson.JSONDecodeError:
            return None

    def _skip(self) -> None:
        if self._answer.in_tool_call:
            raise Failure(pb.FAILURE_KIND_MALFORMED, "a chunk of a tool call is not readable")
        if self._structured and not self.finished:
            raise Failure(pb.FAILURE_KIND_MALFORMED, "a chunk of structured output is not readable")
        self.skipped += 1

    def _read_rest(self) -> None:
        """The end of the body may have torn the last event, which then says nothing more than that."""
        events = self._splitter.flush()
        if events:
            self._body = None
        for event in events:
            if event.name == "error" or _is_whole(event.data):
                self._read(event)

    def _keep(self, data: bytes, events: list[Event]) -> None:
        if events or self._body is None:
            self._body = None
            return
        self._body += data
        if len(self._body) > EVENT_BYTES:
            raise Failure(pb.FAILURE_KIND_MALFORMED, f"no event in the first {EVENT_BYTES} bytes")

    def _not_a_stream(self, body: bytes) -> list[pb.ChatEvent]:
        """Some answer a stream request with a whole answer, an error or a page; comments may stand before it."""
        said = b"\n".join(line for line in body.splitlines() if not line.startswith(b":"))
        if not said.strip() and body.strip():
            raise Failure(pb.FAILURE_KIND_CUT_OFF, "the stream ended after nothing but comments")
        return whole.decode(said, self._provider, think_tags=self._think_tags, errors=self._errors)


def is_stream(body: bytes) -> bool:
    """Whether a body that was not asked to be a stream is one all the same; headers do not tell reliably."""
    return body[:64].lstrip().startswith((b"data:", b"event:", b":"))


def _is_whole(data: bytes) -> bool:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return data.strip() == b"[DONE]"
    return True
