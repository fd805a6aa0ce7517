"""`python -m tests.soak.provider PORT`: a cheap provider whose models are named for what goes wrong with them.

SIGUSR1 makes it hang up on everybody, so that whoever holds a connection without a reason is found out, and write down
in its folder how many answers it has broken.
"""

import asyncio
import json
import re
import signal
import socket
import struct
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import cast

import uvloop

from tests.soak.manners import BROKEN, MANNERS, Asked, as_it_should

WRITTEN = Path("broken.json")

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_MODEL = re.compile(rb'"model": *"([a-z0-9-]+)"')
_AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER without a time: close() resets


class Connection(asyncio.Protocol):
    """One request at a time, as it comes."""

    def __init__(self, open_now: "set[Connection]") -> None:
        self._open_now = open_now
        self._received = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one, but not by inheritance
        self._open_now.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._open_now.discard(self)
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not end or length is None or len(body) < int(length[1]):
            return
        self._received = body[int(length[1]) :]
        found = _MODEL.search(body)
        model = found[1].decode() if found else ""
        MANNERS.get(model, as_it_should)(self, Asked(model, body))

    def send(self, data: bytes) -> None:
        """Now."""
        self._transport.write(data)

    def later(self, seconds: float, do: Callable[[], None]) -> None:
        """If the other side is still there by then."""
        self._timer = asyncio.get_running_loop().call_later(seconds, do)

    def hang_up(self) -> None:
        """After what was sent."""
        self._transport.close()

    def reset(self) -> None:
        """At once, rudely."""
        connection: socket.socket = self._transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self._transport.abort()


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    open_now = set[Connection]()
    loop.add_signal_handler(signal.SIGUSR1, partial(_hang_up, open_now))
    server = await loop.create_server(lambda: Connection(open_now), "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def _hang_up(open_now: set[Connection]) -> None:
    for connection in list(open_now):
        connection.hang_up()
    WRITTEN.write_text(json.dumps(BROKEN))


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
