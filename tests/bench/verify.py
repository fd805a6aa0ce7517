"""One call of each kind before anything is timed: a benchmark of an error path is worth nothing."""

import grpc.aio

from mainstay import ChatClient, text_of
from mainstay import v1 as pb
from tests.bench.configuration import CACHED_ROUTE, PACED_ROUTE, PLAIN_ROUTE
from tests.bench.house import House
from tests.bench.measurements import ECHO, RELAY
from tests.bench.processes import Wrong
from tests.bench.question import ANSWER, BURST, CHUNKS, PACED_BYTES, question
from tests.bench.tools import Tools

Whole = grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]
Streamed = grpc.aio.UnaryStreamMultiCallable[bytes, bytes]

SECONDS = 20.0
CALLS = {PLAIN_ROUTE: 2, CACHED_ROUTE: 2, PACED_ROUTE: 1}
"""How many calls `verify_service` makes, by route."""


async def verify_references(house: House) -> None:
    """Echo and relay answer whole. Raises Wrong."""
    for name in (ECHO, RELAY):
        async with grpc.aio.insecure_channel(f"127.0.0.1:{house.measured[name].port}") as channel:
            complete: Whole = channel.unary_unary("/bench.v1.Chat/Complete")
            whole = await complete(_body(house.tools, "chat"), timeout=SECONDS)
            expect(f"{name}'s answer", ANSWER.encode() in whole, True)
    async with grpc.aio.insecure_channel(f"127.0.0.1:{house.measured[RELAY].port}") as channel:
        stream: Streamed = channel.unary_stream("/bench.v1.Chat/Stream")
        burst = b"".join([message async for message in stream(_body(house.tools, "chat"), timeout=SECONDS)])
        tokens = [f"token {number:03d} of a text".encode() for number in range(CHUNKS)]
        expect("the relay's tokens", sum(token in burst for token in tokens), CHUNKS)
        paced = b"".join([message async for message in stream(_body(house.tools, "paced"), timeout=SECONDS)])
        expect("the relay's paced tokens", paced.count(b"~T"), CHUNKS)


def _body(tools: Tools, name: str) -> bytes:
    return tools.body(f"{name}.pb").read_bytes()


async def verify_service(port: int) -> None:
    """A service answers whole, from the model where it should, from the cache where it should. Raises Wrong."""
    async with ChatClient(f"127.0.0.1:{port}", timeout=SECONDS) as client:
        _expect_answer(await client.chat(question(PLAIN_ROUTE)), ANSWER, pb.SOURCE_MODEL)
        _expect_answer(await client.chat(question(CACHED_ROUTE)), ANSWER, pb.SOURCE_MODEL)
        _expect_answer(await client.chat(question(CACHED_ROUTE)), ANSWER, pb.SOURCE_CACHE)
        _expect_answer(await _streamed(client, PLAIN_ROUTE), BURST, pb.SOURCE_MODEL)
        paced = await _streamed(client, PACED_ROUTE)
        expect("bytes of a paced answer", len(text_of(paced)), PACED_BYTES)
        expect("paced tokens", text_of(paced).count("~T"), CHUNKS)


async def _streamed(client: ChatClient, route: str) -> pb.ChatResponse:
    async with client.stream(question(route)) as stream:
        async for _ in stream:
            pass
    return stream.response


def _expect_answer(answer: pb.ChatResponse, text: str, source: pb.Source.ValueType) -> None:
    expect("where the answer came from", pb.Source.Name(answer.source), pb.Source.Name(source))
    expect("the answer", text_of(answer), text)
    expect("its end", answer.finish_reason, pb.FINISH_REASON_STOP)
    expect("its input tokens", answer.usage.input_tokens, 19)
    expect("requests for it", len(answer.provenance.attempts), 0 if source == pb.SOURCE_CACHE else 1)


def expect(what: str, found: object, wanted: object) -> None:
    """Raises Wrong unless both are the same."""
    if found != wanted:
        raise Wrong(f"{what}: expected {wanted!r}, found {str(found)[:200]!r}")
