"""One connection to a provider: one request at a time, and its answer as it arrives.

    idle ──ask──▶ asked ──the answer is over, all is well, released──▶ idle
     │              │
     └── a byte ────┴── the peer ends or breaks; we leave ──▶ closed, at once and for good

- A byte that nobody asked for closes the connection: it could be taken for the answer to the next request.
- A large request goes out in pieces, so that others get their turn; an answer that refuses it half-way is heard.
- When its reader falls 256 KiB behind, the peer is no longer read.
- Closing is always abrupt: nothing that is still to be sent, no farewell of TLS, keeps the socket open.
"""

import asyncio
from collections.abc import Callable
from typing import cast

from service.providers.http.cause import words
from service.providers.http.heading import Origin
from service.providers.http.incoming import Incoming

PIECE = 256 * 1024
"""Bytes of a request that are written at a time."""
UNREAD = 256 * 1024
"""Bytes of an answer that wait for their reader before the peer has to."""


class Connection(asyncio.Protocol):
    """Belongs to whoever took or opened it, until it is released or closed."""

    def __init__(self, origin: Origin, lost: Callable[["Connection"], None]) -> None:
        """`lost` is told once, when the socket is closed."""
        self.origin = origin
        self.is_open = True
        self.transport: asyncio.Transport
        self._loop = asyncio.get_running_loop()
        self._lost = lost
        self._incoming: Incoming | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._sent = True
        self._full = False
        """What is to be sent waits for the peer."""
        self._paused = False
        """The peer waits for our reader."""

    async def ask(self, head: bytes, body: bytes) -> Incoming:
        """Sends a request; returns when the head of its answer is here, or it is over without one."""
        incoming = self._incoming = Incoming()
        if len(body) <= PIECE:
            self.transport.write(head + body)
        else:
            self.transport.write(head)
            self._sent = await self._send(memoryview(body), incoming)
        while not (incoming.status or incoming.over):
            await self.news()
        return incoming

    def news(self) -> asyncio.Future[None]:
        """Done once something has happened to the connection. One at a time, to be awaited at once."""
        self._waiter = self._loop.create_future()
        return self._waiter

    def drained(self) -> None:
        """The reader has taken all there was."""
        if self._paused:
            self._paused = False
            self.transport.resume_reading()

    def release(self) -> bool:
        """Lets go of the answer. False if the connection cannot be used again: then it is closed."""
        incoming = self._incoming
        unencumbered = self.is_open and self._sent and not (self._full or self._paused)
        if unencumbered and incoming is not None and incoming.done and incoming.keeps:
            self._incoming = None  # and whatever of it nobody read
            return True
        self.close()
        return False

    def close(self) -> None:
        """At once; whoever still reads is told so."""
        self._end("it was closed here")
        self.transport.abort()

    # What the loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        incoming = self._incoming
        if incoming is None or incoming.over:
            self.close()
            return
        incoming.feed(data)
        if incoming.unread > UNREAD and not incoming.over:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        if self._incoming is not None:
            self._incoming.eof()
        self._end("it was closed")
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end("it was closed" if exc is None else words(exc))
        self._lost(self)

    def pause_writing(self) -> None:
        self._full = True

    def resume_writing(self) -> None:
        self._full = False
        self._wake()

    async def _send(self, body: memoryview, incoming: Incoming) -> bool:
        """Whether all of it was sent: who refuses the request does not want the rest."""
        for start in range(0, len(body), PIECE):
            await asyncio.sleep(0)
            while self._full and not _answered(incoming):
                await self.news()
            if _answered(incoming):
                return False
            self.transport.write(body[start : start + PIECE])
        return True

    def _end(self, why: str) -> None:
        self.is_open = False
        if self._incoming is not None:
            self._incoming.lose(why)
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _answered(incoming: Incoming) -> bool:
    """Sending on is of no use. An answer that accepts the request may begin before all of it was read."""
    return incoming.over or incoming.status >= 300
