"""All connections to a provider, and which of them wait for a request.

- The one that waited least is taken first, so that those that are too many grow old and are closed.
- Nobody waits longer than `idle_seconds`. One timer serves all: it is set for the oldest.
- What the peer closed, or wrote to unasked, is no longer here.
- There is no bound: who may ask when is decided above.
"""

import asyncio
from contextlib import suppress

from service.providers.http.connection import Connection
from service.providers.http.heading import Origin

CLOSING_SECONDS = 1.0
"""How long the loop gets to close what was aborted, which takes it a turn or two."""


class Pool:
    """Connections by origin. Made in a running loop, closed once."""

    def __init__(self, idle_seconds: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._idle_seconds = idle_seconds
        self._open: set[Connection] = set()
        self._idle: dict[Origin, dict[Connection, float]] = {}
        """Each with the time since when, the longest first."""
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._empty = asyncio.Event()

    def add(self, connection: Connection) -> None:
        """A connection that was just opened, and is in use."""
        self._open.add(connection)
        if self._closed:
            connection.close()

    def take(self, origin: Origin) -> Connection | None:
        """One that waits, if there is one."""
        idle = self._idle.get(origin)
        while idle:
            connection, _ = idle.popitem()
            if connection.is_open and not connection.transport.is_closing():
                return connection
        return None

    def give_back(self, connection: Connection) -> None:
        """After its answer: to wait for the next request if it can, else it is closed."""
        if self._closed or not connection.release():
            connection.close()
            return
        self._idle.setdefault(connection.origin, {})[connection] = self._loop.time()
        if self._timer is None:
            self._timer = self._loop.call_later(self._idle_seconds, self._retire)

    def forget(self, connection: Connection) -> None:
        """Its socket is closed."""
        self._open.discard(connection)
        self._idle.get(connection.origin, {}).pop(connection, None)
        if not self._open:
            self._empty.set()

    async def aclose(self) -> None:
        """Closes all, those in use too; returns when their sockets are closed."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        for connection in list(self._open):
            connection.close()
        if self._open:
            self._empty.clear()
            with suppress(TimeoutError):  # it was told, and more cannot be done
                await asyncio.wait_for(self._empty.wait(), CLOSING_SECONDS)

    def _retire(self) -> None:
        """Closes those that waited long enough, and comes back for the next."""
        begun_by = self._loop.time() - self._idle_seconds
        for idle in self._idle.values():
            for connection in [connection for connection, since in idle.items() if since <= begun_by]:
                del idle[connection]
                connection.close()
        waiting = [next(iter(idle.values())) for idle in self._idle.values() if idle]
        self._timer = self._loop.call_at(min(waiting) + self._idle_seconds, self._retire) if waiting else None
