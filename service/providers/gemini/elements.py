"""Finds the elements of one JSON array while it comes, network read by network read."""

import re
from collections.abc import Iterator

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.sse import EVENT_BYTES, Event

_MARK = re.compile(rb'["{}\[\]]')
_MARK_IN_STRING = re.compile(rb'["\\]')


class Elements:
    """The objects and lists in the outermost array, as bytes; whether they are JSON is for the reader to find out.

    `in_array`: there is an outermost array; else an object stands alone, as an error does.
    """

    def __init__(self, *, in_array: bool, element_bytes: int = EVENT_BYTES) -> None:
        self.closed = False
        """The outermost array has ended."""
        self._floor = int(in_array)
        self._depth = 0
        self._in_string = False
        self._escaped = False
        """The last read ended behind a backslash."""
        self._held = bytearray()
        """The element that has begun."""
        self._element_bytes = element_bytes

    def feed(self, data: bytes) -> list[Event]:
        """The elements that end in this read. Raises Failure(MALFORMED) when one is over the limit."""
        found: list[Event] = []
        if self.closed:
            return found
        start = 0 if self._held else -1
        for place, is_opening in self._brackets(data):
            if is_opening:
                start = place if self._depth == self._floor else start
                self._depth += 1
                continue
            self._depth -= 1
            if self._depth == self._floor and start >= 0:
                found.append(self._taken(data[start : place + 1]))
                start = -1
            self.closed = self._depth < self._floor
            if self.closed:
                return found
        if start >= 0:
            self._hold(data[start:])
        return found

    def _brackets(self, data: bytes) -> Iterator[tuple[int, bool]]:
        """The brackets outside strings: where each is, and whether it is an opening one."""
        at = int(self._escaped and bool(data))
        self._escaped = self._escaped and not data
        while mark := (_MARK_IN_STRING if self._in_string else _MARK).search(data, at):
            at = mark.end()
            match mark[0]:
                case b'"':
                    self._in_string = not self._in_string
                case b"\\":
                    self._escaped = at == len(data)
                    at += 1
                case bracket:
                    yield mark.start(), bracket in (b"{", b"[")

    def _taken(self, end: bytes) -> Event:
        self._hold(end)
        element = bytes(self._held)
        self._held.clear()
        return Event("", element)

    def _hold(self, data: bytes) -> None:
        self._held += data
        if len(self._held) > self._element_bytes:
            raise Failure(pb.FAILURE_KIND_MALFORMED, f"a chunk is longer than {self._element_bytes} bytes")
