"""A provider that sings all the songs, in each protocol, and a caller who listens to all of them.

`sing` makes every kind of call at it and gives back all that the caller was told.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

import grpc

from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from tests.kit.canaries import ATTACHMENT, HEADER, KEY, LABEL, METADATA, PROMPT, SAID_TO_THE_PROVIDER, SYSTEM, USER
from tests.kit.songs import SONGS, Song

_PATHS = {
    "openai": re.compile(r"/v1/chat/completions"),
    "anthropic": re.compile(r"/v1/messages"),
    "gemini": re.compile(r"/v1/models/(?P<model>[\w-]+):(stream)?[gG]enerateContent(\?alt=sse)?"),
}
_CREDENTIALS = {
    "openai": f"authorization: bearer {KEY}",
    "anthropic": f"x-api-key: {KEY}",
    "gemini": f"x-goog-api-key: {KEY}",
}


@asynccontextmanager
async def singing() -> AsyncIterator[str]:
    """A provider that answers the model of each name of a song as it says; its base URL.

    Fails if it was asked otherwise than with the key in its place.
    """
    open_ones: set[asyncio.Task[None]] = set()
    wrong: list[AssertionError] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await _sing(reader, writer)
        except AssertionError as error:
            wrong.append(error)
        finally:
            writer.close()
            open_ones.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    finally:
        server.close()
        for task in open_ones:
            task.cancel()
        await asyncio.gather(*open_ones, return_exceptions=True)
    if wrong:
        raise wrong[0]


async def _sing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
    song = _asked_for(head, await reader.readexactly(int(length.partition(":")[2])))
    lines = [f"HTTP/1.1 {song.status}", *song.headers, f"content-length: {len(song.body) + song.tears}"]
    writer.write("\r\n".join([*lines, "connection: close", "", ""]).encode("latin-1") + song.body)
    await writer.drain()


def _asked_for(head: str, asked: bytes) -> Song:
    path = head.split(" ")[1]
    protocol, found = next((name, found) for name, shape in _PATHS.items() if (found := shape.fullmatch(path)))
    credentials = [line for line in head.split("\r\n") if KEY in line]
    assert [line.lower() for line in credentials] == [_CREDENTIALS[protocol].lower()], "the key travels elsewhere"
    assert HEADER in head
    assert all(canary.encode() in asked for canary in SAID_TO_THE_PROVIDER)
    return SONGS[protocol][found.groupdict().get("model") or json.loads(asked)["model"]]


def question(model: str) -> pb.ChatRequest:
    """With a canary wherever one fits."""
    image = pb.Media(url=f"https://example.test/{ATTACHMENT}.png", media_type="image/png")
    return pb.ChatRequest(
        model=model,
        messages=[
            pb.Message(role=pb.ROLE_SYSTEM, parts=[pb.Part(text=SYSTEM)]),
            pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text=PROMPT), pb.Part(image=image)]),
        ],
        labels={LABEL: LABEL},
        end_user=USER,
    )


async def sing(address: str, names: Iterable[str], model_of: Callable[[str], str]) -> dict[str, str]:
    """Each song, asked for whole and as a stream: what the caller was told, trailers included, by the song's name.

    `model_of` gives the model to ask for, of a song's name.
    """
    told: dict[str, str] = {}
    async with grpc.aio.insecure_channel(address) as channel:
        stub = ChatServiceStub(channel)

        async def one(name: str) -> None:
            request = question(model_of(name))
            told[f"{name}, whole"] = await _heard(stub.Chat(request, metadata=METADATA, timeout=20))
            told[f"{name}, streamed"] = await _heard(stub.ChatStream(request, metadata=METADATA, timeout=20))

        await asyncio.gather(*map(one, names))
        told["models"] = str(await stub.ListModels(pb.ListModelsRequest(), metadata=METADATA))
    return told


async def _heard(call: Any) -> str:
    """Everything that came back, as text."""
    heard: list[str] = []
    try:
        if isinstance(call, grpc.aio.UnaryUnaryCall):
            heard.append(str(await call))
        else:
            async for event in call:
                heard.append(str(event))  # noqa: PERF401 - what came before an error counts
    except grpc.aio.AioRpcError as error:
        heard += [str(error.code()), str(error.details()), str(error.debug_error_string())]
    heard += [str(tuple(await call.initial_metadata())), str(tuple(await call.trailing_metadata()))]
    return "\n".join(heard)
