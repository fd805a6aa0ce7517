"""One HTTP exchange, with what a kind and an unkind provider can do to its connection."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from typing import NoReturn

import orjson
from aiohttp import web

from service.simulator.journal import Entry
from service.simulator.protocol import Json

Headers = Mapping[str, str]

_LINGER_ZERO = struct.pack("ii", 1, 0)  # closing then sends RST, not FIN


class Broken(Exception):
    """The connection was broken on purpose; there is nothing more to send."""


class Wire:
    """Sends one response and writes down how much of it; every body byte passes `send`."""

    def __init__(self, request: web.Request, entry: Entry, headers: Headers) -> None:
        self._request = request
        self._entry = entry
        self._headers = headers
        # Stands for the connection once it is broken: aiohttp finds it closed and sends nothing.
        self.response: web.StreamResponse = web.Response()

    async def open(
        self, kind: str, length: int | None = None, status: int = 200, headers: Headers | None = None
    ) -> None:
        """Send the status and the headers; without a `length` the body is chunked."""
        self.response = web.StreamResponse(status=status, headers={**self._headers, **(headers or {})})
        self.response.headers.setdefault("content-type", kind)
        self.response.content_length = length
        self._entry.status = status
        await self.response.prepare(self._request)

    async def send(self, data: bytes) -> None:
        """Send a part of the body; nothing where it is empty."""
        if not data:
            return
        self._entry.bytes += len(data)
        await self.response.write(data)

    async def whole(self, kind: str, body: bytes, status: int = 200, headers: Headers | None = None) -> None:
        """Send a response in one go."""
        await self.open(kind, len(body), status, headers)
        await self.send(body)

    async def json(self, data: Json, status: int = 200, headers: Headers | None = None) -> None:
        """Send JSON in one go."""
        await self.whole("application/json", orjson.dumps(data), status, headers)

    async def end(self) -> None:
        """Send the body's end."""
        await self.response.write_eof()

    def sent_a_piece(self) -> None:
        """Count a chunk that carried a piece of the answer."""
        self._entry.chunks += 1

    async def wait_for_departure(self) -> NoReturn:
        """Do nothing until the client leaves, which cancels the handler."""
        await asyncio.get_running_loop().create_future()
        raise AssertionError("nobody sets this future")

    def cut(self) -> NoReturn:
        """Close the connection in an orderly way, after what was sent but before the body's end."""
        if (transport := self._request.transport) is not None:
            transport.close()
        raise Broken

    def reset(self) -> NoReturn:
        """Break the connection with a TCP reset."""
        if (transport := self._request.transport) is not None:
            connection = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
            transport.abort()
        raise Broken
