"""Opens a connection: the name, the address, TLS.

The addresses of a name are tried one after another, the two families in turn, and each but the last gets at most a
second: `localhost` is found where only IPv4 listens, and a family without a route costs a second and not the call.
uvloop cannot try them side by side.
"""

import asyncio
import errno
import os
import socket
import ssl
from collections.abc import Callable
from itertools import chain, zip_longest

from service.providers.http.connection import Connection
from service.providers.http.heading import Origin

ADDRESS_SECONDS = 1.0


async def reach(origin: Origin, tls: ssl.SSLContext, lost: Callable[[Connection], None]) -> Connection:
    """Raises OSError, or ValueError for a name that cannot be one. Cancelled, it leaves nothing open."""
    connection = await _any_of(await _addresses(origin), origin, lost)
    if origin.scheme == "https":
        await _secure(connection, tls)
    return connection


async def _addresses(origin: Origin) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    first = [str(where[0]) for family, _, _, _, where in found if family == found[0][0]]
    others = [str(where[0]) for family, _, _, _, where in found if family != found[0][0]]
    return [address for address in chain.from_iterable(zip_longest(first, others)) if address]


async def _any_of(addresses: list[str], origin: Origin, lost: Callable[[Connection], None]) -> Connection:
    loop = asyncio.get_running_loop()
    *firsts, last = addresses
    for address in firsts:
        try:
            async with asyncio.timeout(ADDRESS_SECONDS):
                _, connection = await loop.create_connection(lambda: Connection(origin, lost), address, origin.port)
                return connection
        except OSError:  # TimeoutError is one
            continue
    _, connection = await loop.create_connection(lambda: Connection(origin, lost), last, origin.port)
    return connection


async def _secure(connection: Connection, tls: ssl.SSLContext) -> None:
    transport = await asyncio.get_running_loop().start_tls(  # which closes the transport below if it fails
        connection.transport, connection, tls, server_hostname=connection.origin.host
    )
    if transport is None or transport.is_closing():  # lost in the meantime, which asyncio takes for success
        raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
    connection.transport = transport
