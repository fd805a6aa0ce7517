"""Canaries: texts that must not turn up where they do not belong, and a provider that sings them all.

`sing` makes every kind of call at it and gives back all that the caller was told.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import grpc

from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceStub

KEY = "Canary7Key7Ruby7Opal"
"""Of the provider. Looks like no vendor's, so that no pattern helps."""
HEADER = "Canary7Header7Jade7Onyx"
"""In a header of the provider's that carries a credential."""
PARTS = (KEY[:12], HEADER[:13])
"""Beginnings of both, as vendors quote them: enough to be worth hiding."""
PROMPT = "canary-prompt-amber"
SYSTEM = "canary-system-beryl"
ATTACHMENT = "canary-attachment-coral"
LABEL = "canary-label-flint"
USER = "canary-user-garnet"
AUTHORIZATION = "canary-authorization-ivory"
"""What a caller sends along, as if we asked for it."""

OF_THE_CALLER = (PROMPT, SYSTEM, ATTACHMENT, LABEL, USER, AUTHORIZATION)
SAID_TO_THE_PROVIDER = (PROMPT, SYSTEM, ATTACHMENT)
METADATA = (("authorization", f"Bearer {AUTHORIZATION}"), ("cookie", AUTHORIZATION), ("x-api-key", AUTHORIZATION))
SUNG = f"{PARTS[0]}*** is {KEY} and {PARTS[1]}... {HEADER}: neither may ask {PROMPT} after {SYSTEM} {ATTACHMENT}"

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Song:
    """An answer of the provider's."""

    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    body: bytes = b""
    tears: bool = False
    """Hangs up without the end."""


def _error(**more: object) -> bytes:
    return json.dumps({"error": {"message": SUNG, "type": HEADER, "code": KEY, "param": KEY, **more}}).encode()


def _chunk(delta: Json, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({'id': KEY, 'model': KEY, 'choices': [choice]})}\n\n".encode()


_HEADERS = (f"x-request-id: {KEY}", f"www-authenticate: Bearer {KEY}", f"retry-after: {KEY}", f"set-cookie: {KEY}")
_HELLO = _chunk({"content": "hello"})
_WHOLE = {"id": KEY, "model": KEY, "system_fingerprint": KEY, "service_tier": KEY}


def _whole(finish: str = "stop") -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": finish}
    return json.dumps({**_WHOLE, "choices": [choice]}).encode()


SONGS: Mapping[str, Song] = {
    **{f"error-{code}": Song(f"{code} {KEY}", _HEADERS, _error()) for code in (400, 401, 403, 404, 413, 429, 500, 503)},
    "error-text": Song("500 Oops", _HEADERS, SUNG.encode()),
    "error-page": Song("502 Oops", _HEADERS, f"<html><title>{SUNG}</title>{SUNG}".encode()),
    "error-list": Song("422 Oops", _HEADERS, json.dumps({"detail": [{"msg": SUNG, "loc": [KEY]}]}).encode()),
    "error-cut": Song("400 Oops", (), json.dumps({"error": {"message": "x" * 185 + KEY}}).encode()),
    "error-cut-header": Song("400 Oops", (), json.dumps({"error": {"message": "x" * 190 + HEADER}}).encode()),
    "error-id": Song("400 Oops", (f"x-request-id: {HEADER}",), _error()),
    "redirect": Song("302 Found", (f"location: http://{KEY}.test/", *_HEADERS), SUNG.encode()),
    "error-in-200": Song(headers=_HEADERS, body=_error()),
    "page-in-200": Song(headers=_HEADERS, body=f"<html>{SUNG}".encode()),
    "not-json": Song(headers=_HEADERS, body=b'{"choices": ' + SUNG.encode()),
    "not-http": Song(f"{KEY} {SUNG}", (f"bad header {KEY}",)),
    "torn": Song(headers=_HEADERS, body=_whole()[:-20], tears=True),
    "compressed": Song(headers=(f"content-encoding: {KEY}", *_HEADERS), body=SUNG.encode()),
    "answer": Song(headers=_HEADERS, body=_whole()),
    "finish": Song(headers=_HEADERS, body=_whole(KEY)),
    "finish-header": Song(headers=_HEADERS, body=_whole(HEADER)),
    "finish-part": Song(headers=_HEADERS, body=_whole(f"{PARTS[0]}***")),
    "stream": Song(headers=_HEADERS, body=_HELLO + _chunk({}, "stop") + b"data: [DONE]\n\n"),
    "stream-finish": Song(headers=_HEADERS, body=_HELLO + _chunk({}, KEY) + b"data: [DONE]\n\n"),
    "stream-finish-header": Song(headers=_HEADERS, body=_HELLO + _chunk({}, HEADER) + b"data: [DONE]\n\n"),
    "stream-error": Song(headers=_HEADERS, body=_HELLO + b"data: " + _error() + b"\n\n"),
    "stream-event": Song(headers=_HEADERS, body=_HELLO + f"event: {KEY}\nid: {KEY}\ndata: {SUNG}\n\n".encode()),
    "stream-malformed": Song(body=f"data: {{{SUNG}\n\n".encode() + _HELLO + f"data: {{{KEY}\n\n".encode(), tears=True),
    "stream-comment": Song(body=f": {SUNG}\n\n".encode() + _HELLO, tears=True),
}


@asynccontextmanager
async def singing() -> AsyncIterator[str]:
    """A provider that answers the model of each name above as it says; its base URL."""
    open_ones: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_ones.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
                await _sing(reader, writer)
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


async def _sing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
    asked = await reader.readexactly(int(length.partition(":")[2]))
    assert KEY in head, "the key did not even travel: nothing is tested"
    assert HEADER in head
    assert all(canary.encode() in asked for canary in SAID_TO_THE_PROVIDER)
    song = SONGS[json.loads(asked)["model"]]
    length_of_body = len(song.body) + song.tears
    lines = [f"HTTP/1.1 {song.status}", *song.headers, f"content-length: {length_of_body}", "connection: close"]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + song.body)
    await writer.drain()


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


async def sing(address: str, model_of: Callable[[str], str]) -> dict[str, str]:
    """Every song, asked for whole and as a stream: what the caller was told, trailers included, by the song's name.

    `model_of` gives the model to ask for, of a song's name.
    """
    told: dict[str, str] = {}
    async with grpc.aio.insecure_channel(address) as channel:
        stub = ChatServiceStub(channel)

        async def one(name: str) -> None:
            request = question(model_of(name))
            told[f"{name}, whole"] = await _heard(stub.Chat(request, metadata=METADATA, timeout=20))
            told[f"{name}, streamed"] = await _heard(stub.ChatStream(request, metadata=METADATA, timeout=20))

        await asyncio.gather(*map(one, SONGS))
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
