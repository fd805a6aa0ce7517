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
    """0: hangs up instead."""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    pieces: Pieces = lambda body: [body]
    """Cuts the body into what is written at a time."""
    pause: float = 0.0
    """Seconds between the pieces."""
    tears: bool = False
    """Hangs up in the middle of the body, after the last piece."""
    ends: bool = True
    """Whether the body ends."""
    keep: bool = True
    """Whether the requests are kept."""
    requests: list[bytes] = field(default_factory=list)
    """The bodies of the requests."""
    heads: list[str] = field(default_factory=list)
    connections: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)
    """Somebody closed a connection."""


@asynccontextmanager
async def replaying(replayed: Replayed) -> AsyncIterator[str]:
    """A server for the time of the context; gives its base URL."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        replayed.connections += 1
        try:
            await _serve(replayed, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            replayed.left.set()
        finally:
            writer.close()
            serving.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)


async def _serve(replayed: Replayed, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
        body = await reader.readexactly(int(length.partition(":")[2]))
        if replayed.keep:
            replayed.heads.append(head)
            replayed.requests.append(body)
        if not replayed.status:
            return
        await _answer(replayed, writer)
        if replayed.tears:
            return
        if not replayed.ends:
            await reader.readexactly(1)


async def _answer(replayed: Replayed, writer: asyncio.StreamWriter) -> None:
    headers = {**replayed.headers, "transfer-encoding": "chunked"}
    lines = [f"HTTP/1.1 {replayed.status} Recorded", *(f"{name}: {value}" for name, value in headers.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    for piece in replayed.pieces(replayed.body):
        if piece:
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await writer.drain()
            await asyncio.sleep(replayed.pause)
    if replayed.ends and not replayed.tears:
        writer.write(b"0\r\n\r\n")
        await writer.drain()
