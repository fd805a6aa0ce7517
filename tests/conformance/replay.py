"""One HTTP server for all recordings: the question names the one that is answered with."""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import orjson

from tests.conformance.recorded import Recorded

SEED = 20261120
MOST_CUTS = 16
_OURS = frozenset({"connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding"})
"""Headers that are about the recorded connection, not about this one."""


@asynccontextmanager
async def replaying(shelf: Mapping[str, Recorded]) -> AsyncIterator[str]:
    """A server for the time of the context; gives its base URL. What is on the shelf when it is asked for counts."""
    serving: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        serving.add(task)
        try:
            while True:
                await _answer(shelf, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            serving.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving)


async def _answer(shelf: Mapping[str, Recorded], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(line for line in head.split("\r\n") if line.startswith("content-length:"))
    question = orjson.loads(await reader.readexactly(int(length.partition(":")[2])))
    name, wants_stream = _asked(head, question)
    recorded = shelf[name]
    if wants_stream is recorded.streamed:
        await _write(writer, recorded.status, recorded.headers, pieces(recorded))
    else:
        asked = "a stream" if wants_stream else "a whole answer"
        await _write(writer, 418, {}, [f"asked for {asked} where the other was recorded".encode()])


def _asked(head: str, question: Any) -> tuple[str, bool]:
    """By which recording the question asks to be answered, and whether with a stream; each protocol has its way."""
    if "contents" in question:
        return question["contents"][-1]["parts"][0]["text"], ":streamgeneratecontent" in head.partition("\r\n")[0]
    return question["messages"][-1]["content"], bool(question.get("stream"))


async def _write(writer: asyncio.StreamWriter, status: int, headers: Mapping[str, str], body: Iterable[bytes]) -> None:
    told = {name: value for name, value in headers.items() if name not in _OURS} | {"transfer-encoding": "chunked"}
    lines = [f"HTTP/1.1 {status} Recorded", *(f"{name}: {value}" for name, value in told.items())]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace"))
    for piece in body:
        writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        await writer.drain()
        await asyncio.sleep(0)  # else it would leave, and arrive, together with the next
    writer.write(b"0\r\n\r\n")
    await writer.drain()


def pieces(recorded: Recorded) -> Iterator[bytes]:
    """The body, cut at random: the same every time, and inside a character of several bytes if there is one."""
    body, dice = recorded.body, random.Random(f"{SEED} {recorded.id}")
    cuts = {dice.randrange(len(body)) for _ in range(dice.randint(1, MOST_CUTS))} if body else set()
    if inside := _inside_a_character(body, dice):
        cuts.add(inside)
    for start, end in pairwise(sorted({0, len(body)} | cuts)):
        yield body[start:end]


def _inside_a_character(body: bytes, dice: random.Random) -> int:
    """The place of a continuation byte of UTF-8; 0 if there is none."""
    if body.isascii():
        return 0
    first = dice.randrange(len(body))
    places = (place % len(body) for place in range(first, first + len(body)))
    return next(place for place in places if body[place] & 0xC0 == 0x80)
