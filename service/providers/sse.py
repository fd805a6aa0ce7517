"""Splits a body of server-sent events, network read by network read: bytes in, events out, no I/O.

Lines end in \\n, \\r\\n or \\r; a blank line ends an event. Comments and unknown fields are passed over. One
field is ours: a line `error: …`, which llama.cpp writes and a conforming parser drops, becomes an event
"error".
Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from collections.abc import Sequence
from typing import NamedTuple

from mainstay import v1 as pb
from service.chat.failures import Failure

EVENT_BYTES = 8 << 20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Event(NamedTuple):
    """What one event says: its name, "" if it has none, and its data lines, joined by \\n."""

    name: str
    data: bytes


class Splitter:
    """Finds the events of one body. However the bytes are cut into reads, the events are the same."""

    def __init__(self, event_bytes: int = EVENT_BYTES, *, bare_objects: bool = False) -> None:
        """`bare_objects`: a block that begins with a brace is an event, too; so Google ends a stream that breaks."""
        self._event_bytes = event_bytes
        self._bare_objects = bare_objects
        self._held = bytearray()  # the event that has begun; ends in no line end, see _line_end
        self._line_end = False  # a line end follows what is held: one more ends the event
        self._carriage_return = False  # the last read ended in \r: a \n now belongs to it
        self._at_start = True

    def feed(self, data: bytes) -> list[Event]:
        """The events that end in this read. Raises Failure(MALFORMED) when an event is over the limit."""
        data = self._with_plain_line_ends(data)
        if self._line_end:
            data = b"\n" + data
        elif not self._held:
            data = data.lstrip(b"\n")
        end = data.rfind(b"\n\n")
        if end < 0:
            self._hold(data)
            return []
        whole = bytes(self._held + data[:end]) if self._held else data[:end]
        self._held.clear()
        self._line_end = False
        if rest := data[end + 2 :]:
            self._hold(rest)
        return self._events(whole)

    def flush(self) -> list[Event]:
        """The event that the end of the body cut short of its blank line, if there is one."""
        whole = bytes(self._held)
        self._held.clear()
        return self._events(whole)

    def _with_plain_line_ends(self, data: bytes) -> bytes:
        if self._carriage_return and data:
            self._carriage_return = False
            data = data.removeprefix(b"\n")
        if b"\r" in data:
            self._carriage_return = data.endswith(b"\r")
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return data

    def _hold(self, data: bytes) -> None:
        self._line_end = data.endswith(b"\n")
        self._held += data[:-1] if self._line_end else data
        self._expect_short([self._held])

    def _events(self, whole: bytes) -> list[Event]:
        blocks = whole.split(b"\n\n")
        if len(whole) > self._event_bytes:
            self._expect_short(blocks)
        if self._at_start:
            self._at_start = False
            blocks[0] = blocks[0].removeprefix(BYTE_ORDER_MARK)
        events: list[Event] = []
        for block in blocks:
            if block.startswith(b"data: ") and b"\n" not in block:
                events.append(Event("", block[6:]))
            elif self._bare_objects and block.startswith(b"{"):
                events.append(Event("", block))
            elif block:
                events += _parsed(block)
        return events

    def _expect_short(self, blocks: Sequence[bytes | bytearray]) -> None:
        for block in blocks:
            if len(block) > self._event_bytes and len(block.strip(b"\n")) > self._event_bytes:
                raise Failure(pb.FAILURE_KIND_MALFORMED, f"an event is longer than {self._event_bytes} bytes")


def _parsed(block: bytes) -> list[Event]:
    name, data, errors = "", [], []
    for line in block.split(b"\n"):
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode(errors="replace")
        elif field == b"error":
            errors.append(value)
    events = [Event(name, b"\n".join(data))] if data or (name == "error" and not errors) else []
    return [*events, Event("error", b"\n".join(errors))] if errors else events
