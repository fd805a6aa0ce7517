"""Stores that live and die with this process: the embedded default."""

import heapq
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

ENTRY_OVERHEAD = 512
"""Bytes that an entry takes beside its key and its answer; measured, and rounded up."""

LARGEST_SHARE = 8
"""An entry that takes more than one part in this many of all bytes is not kept: it would push out too many others."""


@dataclass(frozen=True, slots=True)
class _Entry:
    answer: bytes
    expires: float
    size: int


class MemoryStore:
    """Keeps answers within a bound of bytes and one of entries.

    Room is made by what has expired first, then by what was read or put the longest time ago.
    """

    def __init__(self, *, max_bytes: int, max_entries: int, now: Callable[[], float]) -> None:
        self._max_bytes = max_bytes
        self._max_entries = max_entries
        self._now = now
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()
        """Least recently used first."""
        self._expiries: list[tuple[float, bytes]] = []
        """A heap of when each entry expires. Some rows are of entries that have gone: whoever pops one checks."""
        self._taken = 0

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def taken(self) -> int:
        """Bytes that keys, answers and overhead take of `max_bytes`."""
        return self._taken

    async def get(self, key: bytes) -> bytes | None:
        """The answer under `key`, unless it has expired."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires <= self._now():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry.answer

    async def put(self, key: bytes, answer: bytes, ttl: float) -> None:
        """Keeps `answer` for `ttl` seconds, in place of what was there, unless it is too large."""
        self._drop(key)
        entry = _Entry(answer, self._now() + ttl, len(key) + len(answer) + ENTRY_OVERHEAD)
        if ttl <= 0 or entry.size * LARGEST_SHARE > self._max_bytes:
            return
        self._make_room(entry.size)
        self._entries[key] = entry
        self._taken += entry.size
        heapq.heappush(self._expiries, (entry.expires, key))
        self._tidy()

    def _make_room(self, size: int) -> None:
        if self._fits(size):
            return
        now = self._now()
        while self._expiries and self._expiries[0][0] <= now:
            expires, key = heapq.heappop(self._expiries)
            entry = self._entries.get(key)
            if entry is not None and entry.expires == expires:
                self._drop(key)
        while not self._fits(size):
            self._drop(next(iter(self._entries)))

    def _fits(self, size: int) -> bool:
        return self._taken + size <= self._max_bytes and len(self._entries) < self._max_entries

    def _drop(self, key: bytes) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._taken -= entry.size

    def _tidy(self) -> None:
        """Rebuilds the heap once most of its rows are of entries that have gone."""
        if len(self._expiries) > 2 * len(self._entries) + 16:
            self._expiries = [(entry.expires, key) for key, entry in self._entries.items()]
            heapq.heapify(self._expiries)
