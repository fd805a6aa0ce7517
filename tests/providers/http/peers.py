"""Who is at the other end: a peer that follows a script of raw bytes, and a proxy in between."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Visit:
    """One connection as the peer sees it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def request(self) -> tuple[str, bytes]:
        """The head and the body of the next one."""
        head = await self.head()
        return head, await self.body(head)

    async def head(self) -> str:
        """Of the next request, without its body."""
        return (await self._reader.readuntil(b"\r\n\r\n")).decode("ascii")

    async def body(self, head: str) -> bytes:
        """Of the request with that head."""
        length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
        return await self._reader.readexactly(int(length.partition(":")[2]))

    async def send(self, *pieces: bytes) -> None:
        """Each with a turn of the loop for itself."""
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            await asyncio.sleep(0)

    async def left(self) -> None:
        """Returns when the other end has closed the connection; what else it says is passed over."""
        with suppress(ConnectionError, ssl.SSLError):
            while await self._reader.read(65536):
                pass

    async def end(self) -> None:
        """Says that nothing more comes, and waits for the other end to do the same."""
        self._writer.write_eof()
        await self.left()

    def reset(self) -> None:
        """Breaks the connection: the other end reads an error instead of an end."""
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    @property
    def protocol(self) -> str | None:
        """What TLS agreed on."""
        tls: ssl.SSLObject = self._writer.get_extra_info("ssl_object")
        return tls.selected_alpn_protocol()


Script = Callable[[Visit], Awaitable[None]]


class Peer:
    """Plays a script on every connection, which ends with it."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.url = ""
        self.visits = 0

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        with suppress(asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):  # the other end has left
            await self._script(Visit(reader, writer))


@asynccontextmanager
async def peer(
    script: Script, *, host: str = "127.0.0.1", named: str = "", tls: ssl.SSLContext | None = None
) -> AsyncIterator[Peer]:
    """Listens at `host`, and calls itself `named` in its URL."""
    playing = Peer(script)
    async with _listening(playing.connected, host, tls) as port:
        playing.url = f"http{'s' if tls else ''}://{named or host}:{port}/v1/chat/completions"
        yield playing


@asynccontextmanager
async def proxy() -> AsyncIterator[str]:
    """A proxy's URL. It takes absolute URLs and CONNECT, and from the first request on only carries bytes."""
    async with _listening(_carry, "127.0.0.1", None) as port:
        yield f"http://127.0.0.1:{port}"


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    method, where, _ = head.decode("ascii").split(" ", 2)
    host, _, port = where.removeprefix("http://").partition("/")[0].rpartition(":")
    try:
        onward, away = await asyncio.open_connection(host, int(port))
    except OSError:
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n")
        return
    if method == "CONNECT":
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
    else:
        away.write(head)
    try:
        await asyncio.wait(
            [asyncio.ensure_future(_pipe(reader, away)), asyncio.ensure_future(_pipe(onward, writer))],
        )
    finally:
        away.close()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def _listening(connected: Connected, host: str, tls: ssl.SSLContext | None) -> AsyncIterator[int]:
    """The port. What goes wrong in `connected` goes wrong in the test."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            await connected(reader, writer)
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            writer.close()

    server = await asyncio.start_server(serve, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)
