"""Decodes a streamed answer, network read by network read, in any protocol that streams events of JSON objects."""

from collections.abc import Callable
from typing import Protocol

import orjson

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.errors import NOTHING_OWN, ErrorTable, failure_said
from service.providers.halves import Halves
from service.providers.sse import EVENT_BYTES, Event, Splitter
from service.providers.values import Json


class Answer(Protocol):
    """What a protocol makes of the chunks of one answer."""

    @property
    def finish(self) -> str:
        """Why the model stopped; "": it has not said so."""
        ...

    @property
    def is_over(self) -> bool:
        """A chunk has said that nothing more comes."""
        ...

    @property
    def usage(self) -> pb.Usage | None:
        """The tokens counted so far."""
        ...

    @property
    def characters(self) -> int:
        """How many have been said."""
        ...

    @property
    def in_tool_call(self) -> bool:
        """A fragment that is lost now would be missing from a tool call."""
        ...

    def read(self, chunk: Json) -> None:
        """Takes in one chunk. Raises Failure."""
        ...

    def lose(self) -> None:
        """A chunk came that nobody could read."""
        ...

    def take(self) -> list[pb.ChatEvent]:
        """The deltas since the last time."""
        ...

    def end(self) -> list[pb.ChatEvent]:
        """The last events. Raises Failure when what was said cannot be an answer."""
        ...


class Splitting(Protocol):
    """Finds the events of one body."""

    def feed(self, data: bytes) -> list[Event]:
        """The events that end in this read. Raises Failure."""
        ...

    def flush(self) -> list[Event]:
        """The event that the end of the body cut short, if there is one."""
        ...


class Stream:
    """Turns the bytes of one streamed answer into events, the same however they are cut into reads.

    The answer is whole when the provider gave a finish reason or, as some never do, counted the tokens and
    said that it is over, with [DONE] or in a chunk. When `feed` raises, the deltas of that read are lost with it:
    before commit nobody misses them, after it the caller is told to begin again or to go on after what it saw.
    """

    def __init__(
        self,
        answer: Answer,
        whole: Callable[[bytes], list[pb.ChatEvent]],
        *,
        structured: bool = False,
        errors: ErrorTable = NOTHING_OWN,
        splitter: Splitting | None = None,
    ) -> None:
        """`whole` decodes a body that turns out to be no stream.

        `structured`: the answer's text is to be JSON, of which no piece may be missing.
        `errors`: in what the provider's errors differ.
        `splitter`: finds the events; unset: server-sent ones.
        """
        self._answer = answer
        self._whole = whole
        self._errors = errors
        self._structured = structured
        self._halves = Halves()
        self.done = False
        """The provider said that it is over."""
        self.skipped = 0
        """Chunks that could not be read and were passed over."""
        self._splitter = splitter or Splitter()
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
        self._answer.read(chunk)
        self.done = self._answer.is_over
        return None

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
        self._answer.lose()

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
        return self._whole(said)


def is_stream(body: bytes) -> bool:
    """Whether a body that was not asked to be a stream is one all the same; headers do not tell reliably."""
    return body[:64].lstrip().startswith((b"data:", b"event:", b":"))


def _is_whole(data: bytes) -> bool:
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return data.strip() == b"[DONE]"
    return True
