"""SIGTERM with calls open (M10): nobody is cut off without a word, and no provider goes on talking to nobody."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2
from opentelemetry.context import Context

from mainstay import ChatClient, MainstayError
from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from service.chat.call import Call
from service.chat.reply import Reply
from service.chat.routes import Door, Route, Routes
from service.chat.target import Candidate, Target
from service.rpc.drain import Drain
from service.rpc.server import Server, ServerOptions
from service.rpc.servicer import ChatServicer
from service.rpc.terms import Terms
from tests.kit.process import Process, mainstayd
from tests.kit.service import Control
from tests.kit.spans import SpanBook

SHORT = "simulator/chat+tokens(20)+pace(40ms)"
LONG = "simulator/chat+tokens(2000)+pace(40ms)"
SILENT = "simulator/chat+silence"
CONFIG = 'providers: {{simulator: {{protocol: openai, base_url: "{url}", auth: none}}}}\n'
SERVING, NOT_SERVING = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
HELLO = pb.ChatRequest(model="default", messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])])


async def read(client: ChatClient, model: str, begun: asyncio.Semaphore) -> str:
    """How a stream ended; `begun` is released at its first event."""
    try:
        async with client.stream("hello", model=model) as stream:
            await anext(stream)
            begun.release()
            async for _ in stream:
                pass
    except MainstayError as error:
        return told(error)
    return "completed"


async def ask(client: ChatClient, model: str) -> str:
    """How a unary call ended."""
    try:
        await client.chat("hello", model=model)
    except MainstayError as error:
        return told(error)
    return "completed"


async def listing(client: ChatClient) -> str:
    """How a question for the models ended."""
    try:
        await client.list_models()
    except MainstayError as error:
        return told(error)
    return "completed"


def told(error: MainstayError) -> str:
    return f"{error.code.name} {error.reason} {error.retry_after} {'traced' if error.trace_id else 'untraced'}"


DRAINED = "UNAVAILABLE DRAINING 1.0 traced"
ONCE = [("grpc.enable_retries", 0)]
"""Without it the client asks again by itself, as it was told to, and finds the server gone."""


async def health_of(process: Process) -> int:
    async with grpc.aio.insecure_channel(process.address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        return int((await check(health_pb2.HealthCheckRequest())).status)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while not await true():
            await asyncio.sleep(0.01)


async def test_a_hundred_open_streams_finish_or_are_told_to_ask_again(simulator: str, tmp_path: Path) -> None:
    """New calls are let in for 0.5 s after SIGTERM, then refused; at 1.5 s, half the grace, the open ones end."""
    (tmp_path / "config.yaml").write_text(CONFIG.format(url=simulator))
    begun = asyncio.Semaphore(0)
    async with (
        mainstayd(tmp_path, MAINSTAY__SERVER__DRAIN_GRACE="3s", MAINSTAY__SERVER__DRAIN_NOTICE="500ms") as process,
        ChatClient(process.address, options=ONCE) as client,
    ):
        assert await health_of(process) == SERVING
        streams = [asyncio.create_task(read(client, model, begun)) for model in [SHORT, LONG] * 50]
        unary = asyncio.create_task(ask(client, SILENT))
        for _ in streams:
            await begun.acquire()

        process.child.send_signal(signal.SIGTERM)
        left = time.monotonic()
        await until(lambda: is_not_serving(process))
        assert await ask(client, "simulator/chat") == await listing(client) == "completed"

        await asyncio.sleep(left + 0.8 - time.monotonic())
        assert await ask(client, "simulator/chat") == await listing(client) == DRAINED
        assert not unary.done()

        ends = Counter(await asyncio.gather(*streams))
        assert ends == {"completed": 50, DRAINED: 50}
        assert await unary == DRAINED
        assert 1.5 < time.monotonic() - left < 3
        seen = await Control(simulator).seen()
        assert seen["open_requests"] == 0
        assert Counter(request["ending"] for request in seen["requests"]) == {"answered": 51, "client_left": 51}
        assert await process.child.wait() == 0
        assert time.monotonic() - left < 3
        assert (await Control(simulator).seen())["open_connections"] == 0
    assert Counter(line["status"] for line in process.lines("call")) == {"OK": 52, "UNAVAILABLE": 53}
    (stopped,) = process.lines("stopped")
    assert (stopped["refused"], stopped["cut"]) == (2, 51)
    assert 1.5 < stopped["seconds"] < 3
    assert process.said == []


async def test_callers_that_ask_again_as_soon_as_they_are_answered_are_all_told(simulator: str, tmp_path: Path) -> None:
    """Nobody pauses: when the last open call ends, the next ones are on their way."""
    (tmp_path / "config.yaml").write_text(CONFIG.format(url=simulator))
    async with (
        mainstayd(tmp_path, MAINSTAY__SERVER__DRAIN_GRACE="10s", MAINSTAY__SERVER__DRAIN_NOTICE="100ms") as process,
        grpc.aio.insecure_channel(process.address, ONCE) as channel,
    ):
        answered = asyncio.Semaphore(0)
        asking = [asyncio.create_task(ask_on(channel, answered)) for _ in range(20)]
        for _ in asking:
            await answered.acquire()
        process.child.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert Counter(await asyncio.gather(*asking)) == {"UNAVAILABLE DRAINING": 20}
        assert await process.child.wait() == 0
        assert time.monotonic() - began < 5
    (stopped,) = process.lines("stopped")
    assert (stopped["refused"], stopped["cut"]) == (20, 0)
    assert Counter(line.get("reason") for line in process.lines("call"))["DRAINING"] == 20


async def ask_on(channel: grpc.aio.Channel, answered: asyncio.Semaphore) -> str:
    """How the first call that was not answered ended; the one before it has just been."""
    stub = ChatServiceStub(channel)
    while True:
        try:
            await stub.Chat(pb.ChatRequest(model="simulator/chat+tokens(20)+pace(20ms)", messages=HELLO.messages))
        except grpc.aio.AioRpcError as error:
            reason = "DRAINING" if "DRAINING" in str(error.trailing_metadata()) else error.details()
            return f"{error.code().name} {reason}"
        answered.release()


async def is_not_serving(process: Process) -> bool:
    return await health_of(process) == NOT_SERVING


async def test_a_second_signal_ends_the_service_on_the_spot(simulator: str, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(CONFIG.format(url=simulator))
    begun = asyncio.Semaphore(0)
    async with (
        mainstayd(tmp_path, MAINSTAY__SERVER__DRAIN_GRACE="60s") as process,
        ChatClient(process.address) as client,
    ):
        stream = asyncio.create_task(read(client, LONG, begun))
        await begun.acquire()
        process.child.send_signal(signal.SIGTERM)
        await until(lambda: is_not_serving(process))
        process.child.send_signal(signal.SIGINT)
        told_at = time.monotonic()
        assert await process.child.wait() == -signal.SIGINT
        assert time.monotonic() - told_at < 0.5
        assert (await stream).startswith("UNAVAILABLE")
    assert process.said == []


class Talker:
    """Says what it is told to for ever, and notes that it was closed."""

    def __init__(self, text: str) -> None:
        self._delta = pb.TextDelta(part=0, text=text)
        self.first: Callable[[], object] = lambda: None
        self.said = 0
        self.closed = False

    async def __anext__(self) -> pb.ChatEvent:
        self.said += 1
        if self.said == 1:
            self.first()
            return pb.ChatEvent(started=pb.Started(source=pb.SOURCE_MODEL, provider="p", model="m"))
        return pb.ChatEvent(text_delta=self._delta)

    async def aclose(self) -> None:
        self.closed = True


@asynccontextmanager
async def talking(talker: Talker, spans: SpanBook) -> AsyncIterator[tuple[Server, Drain, str]]:
    """A server whose only route leads to the talker."""

    async def handler(call: Call) -> Reply:
        return Reply(talker)

    def extract(metadata: Mapping[str, str]) -> Context:
        return Context()

    target = Target("p", "m")
    route = Route(name="default", targets=[target], door=Door(handler, [Candidate(target=target)]))
    terms = Terms(
        now=time.monotonic,
        routes=Routes({"default": route}, {}),
        tracer=spans.tracer,
        extract=extract,
        began=lambda method: None,
        ended=lambda record: None,
        version="0",
        default_deadline_unary=60,
        default_deadline_stream=60,
        max_deadline=60,
    )
    servicer = ChatServicer(terms)
    server = Server(servicer, ServerOptions(address="127.0.0.1:0", grace=0))
    port = await server.start(serving=True)
    try:
        yield server, servicer.drain, f"127.0.0.1:{port}"
    finally:
        await server.stop()


@pytest.mark.parametrize("read_on", [True, False])
async def test_a_reader_that_does_not_read_does_not_keep_the_server(spans: SpanBook, *, read_on: bool) -> None:
    talker = Talker("x" * 100_000)
    async with AsyncExitStack() as opened:
        server, drain, address = await opened.enter_async_context(talking(talker, spans))
        channel = await opened.enter_async_context(grpc.aio.insecure_channel(address))
        stream = ChatServiceStub(channel).ChatStream(HELLO)
        await stream.read()

        async def is_stuck() -> bool:
            before = talker.said
            await asyncio.sleep(0.2)
            return talker.said == before

        await until(is_stuck)
        stopping = asyncio.create_task(server.stop())
        await until(lambda: asyncio.sleep(0, talker.closed))
        assert drain.open_calls == 0
        if not read_on:
            await stopping
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            while await stream.read():
                pass
        await stopping
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
    assert ("DRAINING" in str(caught.value.trailing_metadata())) == read_on


@pytest.mark.parametrize("time", range(3))  # whether the write is still under way is up to gRPC's threads
async def test_a_call_that_is_told_to_end_during_its_first_write_still_says_why(spans: SpanBook, time: int) -> None:
    """gRPC would send its initial metadata twice, fail, and leave the caller without a word."""
    talker = Talker("x")
    async with talking(talker, spans) as (_, drain, address), ChatClient(address) as client:
        talker.first = drain.abort
        async with asyncio.timeout(2):
            assert await read(client, "default", asyncio.Semaphore()) == DRAINED
        assert talker.closed
