"""The way to providers that are reached without a proxy: our own connections.

A connection that waited may have been closed by the peer without our knowing yet. Then the request gets no answer, and
is not sent again from here: a POST may have been processed all the same (RFC 9110, 9.2.2), so whether it is worth a
second is decided above, where it is counted.
"""

import asyncio
import ssl
from collections.abc import Mapping
from math import isfinite

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.http.cause import unreachable, words
from service.providers.http.connection import Connection
from service.providers.http.heading import Origin, destination, heading
from service.providers.http.incoming import Incoming
from service.providers.http.pool import Pool
from service.providers.http.reach import reach
from service.providers.http.way import Broken

IDLE_SECONDS = 30.0
"""How long an unused connection is kept: less than the servers and balancers in front of providers do."""


class Direct:
    """Implements `Way`. Made in a running loop."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        self._tls = tls
        self._pool = Pool(IDLE_SECONDS)
        self._closed = False
        self._reaching: dict[asyncio.Timeout, asyncio.Future[None]] = {}
        """What bounds each connection that is being opened, and when it no longer is."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, connect: float) -> "Arrival":
        """See `Way.post`."""
        to = destination(url)
        head = heading(to, headers, len(body))
        connection = self._pool.take(to.origin) or await self._reach(to.origin, connect)
        try:
            incoming = await connection.ask(head, body)
            if not incoming.status:
                raise _no_answer(incoming, to.origin.host)
        except BaseException:
            connection.close()
            raise
        return Arrival(incoming, connection, self._pool)

    async def aclose(self) -> None:
        """See `Way.aclose`. Who waits for a connection or an answer is told UNREACHABLE or CUT_OFF."""
        self._closed = True
        for bound in self._reaching:
            if not bound.expired():
                bound.reschedule(asyncio.get_running_loop().time())
        if self._reaching:
            await asyncio.wait(self._reaching.values())
        await self._pool.aclose()

    async def _reach(self, origin: Origin, connect: float) -> Connection:
        try:
            async with asyncio.timeout(connect if isfinite(connect) else None) as bound:
                done = self._reaching[bound] = asyncio.get_running_loop().create_future()
                try:
                    connection = await reach(origin, self._tls, self._pool.forget)
                finally:
                    del self._reaching[bound]
                    done.set_result(None)
        except TimeoutError as error:
            raise unreachable(origin.host, self._why_not_reached(error, connect)) from error
        except (OSError, ValueError) as error:  # ValueError: no name, says the resolver or TLS
            raise unreachable(origin.host, words(error)) from error
        self._pool.add(connection)
        return connection

    def _why_not_reached(self, error: TimeoutError, connect: float) -> str:
        if error.errno:
            return words(error)
        return "it was closed here" if self._closed else f"it was not reached within {connect:g} s"


class Arrival:
    """An answer on one of our connections; implements `Arriving`."""

    def __init__(self, incoming: Incoming, connection: Connection, pool: Pool) -> None:
        self.status = incoming.status
        self.headers = incoming.headers
        self._incoming = incoming
        self._connection = connection
        self._pool = pool
        self._closed = False

    async def read(self) -> bytes:
        """See `Arriving.read`."""
        incoming = self._incoming
        while not (data := incoming.take()):
            if incoming.over:
                return _end(incoming)
            await self._connection.news()
        self._connection.drained()
        return data

    async def aclose(self) -> None:
        """See `Arriving.aclose`. Never waits, so nobody can be cancelled half-way."""
        if not self._closed:
            self._closed = True
            self._pool.give_back(self._connection)


def _end(incoming: Incoming) -> bytes:
    if incoming.lost:
        raise Broken(incoming.lost)
    if incoming.wrong:
        raise _no_http(incoming)
    return b""


def _no_answer(incoming: Incoming, host: str) -> Failure:
    if incoming.wrong:
        return _no_http(incoming)
    if incoming.came:
        return Failure(pb.FAILURE_KIND_CUT_OFF, f"the connection broke in the head of the answer: {incoming.lost}")
    return unreachable(host, incoming.lost)


def _no_http(incoming: Incoming) -> Failure:
    return Failure(pb.FAILURE_KIND_MALFORMED, f"the answer is not the HTTP/1.1 that was asked for: {incoming.wrong}")
