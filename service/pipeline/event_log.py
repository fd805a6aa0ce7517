"""The events of one answer on their way to several readers.

Whoever reads an event first gets it, and may change it. For the others it is kept as bytes: a copy costs what parsing
them costs, and a small event takes a tenth of the memory.
"""

from collections import deque

from mainstay import v1 as pb

MOST_BYTES = 8 * 2**20
EVENT_OVERHEAD = 128
"""Bytes that an event takes beside its own."""


class EventLog:
    """Numbered from 0. Holds the beginning while there is room; then the oldest go, but none that nobody has read."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        """`most`: bytes of events that somebody has read."""
        self._most = most
        self._written: dict[int, bytes] = {}
        self._unread: deque[pb.ChatEvent] = deque()
        self._bytes = 0
        self.start = 0
        """Number of the oldest event that is here."""
        self.end = 0
        """Number of the next event to come."""
        self.read = 0
        """Number of the first event that nobody has read."""
        self.unread_bytes = 0

    def append(self, event: pb.ChatEvent) -> None:
        """Takes the next event."""
        written = event.SerializeToString()
        self._written[self.end] = written
        self._unread.append(event)
        self.end += 1
        self.unread_bytes += len(written) + EVENT_OVERHEAD

    def take(self, number: int) -> pb.ChatEvent | None:
        """An event that has come, for its reader alone; from then on it counts as read. None: it has gone again."""
        if number == self.read:
            return self._first_read()
        written = self._written.get(number)
        return None if written is None else pb.ChatEvent.FromString(written)

    def copies(self) -> list[pb.ChatEvent]:
        """Of all that are here. Nothing counts as read, and nothing goes for it."""
        return [pb.ChatEvent.FromString(written) for written in self._written.values()]

    def _first_read(self) -> pb.ChatEvent:
        size = len(self._written[self.read]) + EVENT_OVERHEAD
        self.read += 1
        self.unread_bytes -= size
        self._bytes += size
        while self._bytes > self._most:
            self._bytes -= len(self._written.pop(self.start)) + EVENT_OVERHEAD
            self.start += 1
        return self._unread.popleft()
