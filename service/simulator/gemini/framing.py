"""How a stream holds its chunks together: as events, or as the elements of one JSON array."""

from typing import Protocol

import orjson

from service.simulator.protocol import Json

_END = b"\r\n\r\n"


class Framing(Protocol):
    """One stream's; it knows whether anything was sent before."""

    kind: str

    def opening(self) -> bytes:
        """What comes before the first chunk."""

    def chunk(self, data: Json) -> bytes:
        """A chunk."""

    def raw(self, text: bytes) -> bytes:
        """Something that is no chunk, in a chunk's place."""

    def error(self, data: Json) -> bytes:
        """An error, after which nothing comes."""

    def ping(self) -> bytes:
        """A sign of life."""

    def done(self) -> bytes:
        """The mark of the end; events have none."""


class Events:
    """With `alt=sse`; an error follows as bare JSON, without `data:`, as it was recorded."""

    kind = "text/event-stream"

    def opening(self) -> bytes:
        """Nothing."""
        return b""

    def chunk(self, data: Json) -> bytes:
        """An event."""
        return self.raw(orjson.dumps(data))

    def raw(self, text: bytes) -> bytes:
        """An event that is none."""
        return b"data: " + text + _END

    def error(self, data: Json) -> bytes:
        """JSON over several lines."""
        return orjson.dumps(data, option=orjson.OPT_INDENT_2) + b"\n"

    def ping(self) -> bytes:
        """A comment."""
        return b": PROCESSING" + _END

    def done(self) -> bytes:
        """Nothing."""
        return b""


class Array:
    """Without it."""

    kind = "application/json; charset=UTF-8"

    def __init__(self) -> None:
        self._before = b""

    def opening(self) -> bytes:
        """The bracket."""
        return b"["

    def chunk(self, data: Json) -> bytes:
        """An element."""
        return self.raw(orjson.dumps(data, option=orjson.OPT_INDENT_2))

    def raw(self, text: bytes) -> bytes:
        """An element that is none, and spoils the array."""
        before, self._before = self._before, b"\n,\r\n"
        return before + text

    def error(self, data: Json) -> bytes:
        """The last element."""
        return self.chunk(data) + self.done()

    def ping(self) -> bytes:
        """A blank."""
        return b"\n"

    def done(self) -> bytes:
        """The other bracket."""
        return b"\n]\n"
