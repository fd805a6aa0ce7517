"""A wire that is tapped: hands everything on to a server, and keeps what was sent to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit


@asynccontextmanager
async def tapped(url: str, sent: list[bytes]) -> AsyncIterator[str]:
    """`url` with another port for the time of the context; each connection adds to `sent` when it ends."""
    parts = urlsplit(url)
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        there, to_there = await asyncio.open_connection(parts.hostname, parts.port)
        kept: list[bytes] = []
        try:
            with suppress(ConnectionError):
                await asyncio.gather(_hand_on(reader, to_there, kept), _hand_on(there, writer, []))
        finally:
            sent.append(b"".join(kept))
            for one in (writer, to_there):
                one.close()
            serving.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield url.replace(f":{parts.port}", f":{server.sockets[0].getsockname()[1]}")
    finally:
        server.close()
        await asyncio.gather(*serving)


async def _hand_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: list[bytes]) -> None:
    while data := await reader.read(65536):
        kept.append(data)
        writer.write(data)
        await writer.drain()
    writer.write_eof()
