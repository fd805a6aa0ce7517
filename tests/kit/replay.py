"""A provider that answers every request with given bytes, in given pieces: recorded traffic over a real socket."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

Pieces = Callable[[bytes], Iterable[bytes]]


@dataclass(slots=True)
class Replayed:
    """What is answered, and what was asked."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    pieces: Pieces = lambda body: [body]
    """Cuts the body into what is written at a time."""
    requests: list[bytes] = field(default_factory=list)
    """The bodies of the requests."""
    heads: list[str] = field(default_factory=list)


@asynccontextmanager
async def replaying(replayed: Replayed) -> AsyncIterator[str]:
    """A server for the time of the context; gives its base URL."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await _one(replayed, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def _one(replayed: Replayed, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    replayed.heads.append(head)
    length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
    replayed.requests.append(await reader.readexactly(int(length.partition(":")[2])))
    headers = {**replayed.headers, "transfer-encoding": "chunked"}
    lines = [f"HTTP/1.1 {replayed.status} Recorded", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    for piece in replayed.pieces(replayed.body):
        if piece:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(0)
    writer.write(b"0\r\n\r\n")
    await writer.drain()
