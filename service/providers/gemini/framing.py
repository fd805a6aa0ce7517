"""Finds the chunks of a streamed answer: server-sent events with `alt=sse`, else the elements of one JSON array.

The first byte tells which it is; headers and the request do not tell reliably.
"""

from service.providers.gemini.elements import Elements
from service.providers.sse import BYTE_ORDER_MARK, Event, Splitter


class Framing:
    """Splits one body, read by read. However the bytes are cut, the chunks are the same."""

    def __init__(self) -> None:
        self._held = b""
        """What does not tell yet: a byte order mark."""
        self._splitter: Splitter | Elements | None = None

    @property
    def closed(self) -> bool:
        """The array has ended: nothing more comes."""
        return isinstance(self._splitter, Elements) and self._splitter.closed

    def feed(self, data: bytes) -> list[Event]:
        """The chunks that end in this read. Raises Failure(MALFORMED) when one is over the limit."""
        if self._splitter is not None:
            return self._splitter.feed(data)
        self._held = (self._held + data).lstrip()
        first = self._held.removeprefix(BYTE_ORDER_MARK).lstrip()[:1]
        if not first or BYTE_ORDER_MARK.startswith(self._held):
            return []
        is_json = first in (b"[", b"{")
        self._splitter = Elements(in_array=first == b"[") if is_json else Splitter(bare_objects=True)
        held, self._held = self._held, b""
        return self._splitter.feed(held)

    def flush(self) -> list[Event]:
        """The chunk that the end of the body cut short of its blank line, if there is one."""
        return self._splitter.flush() if isinstance(self._splitter, Splitter) else []
