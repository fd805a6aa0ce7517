"""What comes in through the port, however wrong: each has its clear outcome, and the service lives on."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from mainstay import ChatClient, MainstayError
from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from tests.kit.process import Process, mainstayd
from tests.kit.replay import Replayed, replaying

MIB = 1024 * 1024
WIDE = [("grpc.max_send_message_length", -1)]
HELLO = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """One loop for all, so that all meet the same service: it has to live through everything here."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="module")
async def process(anyio_backend: object, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Process]:
    async with mainstayd(tmp_path_factory.mktemp("hostile"), "--simulate") as process:
        yield process


@pytest.fixture
async def client(process: Process) -> AsyncIterator[ChatClient]:
    async with ChatClient(process.address, options=WIDE) as client:
        yield client


async def refusal_of(client: ChatClient, *messages: pb.Message, **fields: object) -> MainstayError:
    with pytest.raises(MainstayError) as caught:
        await client.chat(list(messages), **fields)  # type: ignore[arg-type]
    return caught.value


def sized(mebibytes: int) -> pb.Message:
    return pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="x" * (mebibytes * MIB))])


async def test_a_megabyte_of_garbage_costs_its_sender_the_connection_and_nobody_else_anything(
    process: Process, client: ChatClient
) -> None:
    host, port = process.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(os.urandom(MIB))
        await writer.drain()
        async with asyncio.timeout(5):
            await reader.read()
    except ConnectionError:
        pass  # the end that is asked for
    finally:
        writer.close()
    assert (await client.chat("hello")).source == pb.SOURCE_SIMULATOR


async def test_ten_thousand_messages_are_one_violation(client: ChatClient) -> None:
    error = await refusal_of(client, *[HELLO] * 10_000)
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "LIMIT_EXCEEDED")
    assert "10,000 messages; the limit is 2,000" in str(error)


async def test_an_unknown_enum_value_is_refused_by_name(client: ChatClient) -> None:
    error = await refusal_of(client, pb.Message(role=99, parts=[pb.Part(text="hi")]))  # type: ignore[arg-type]
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_REQUEST")
    assert [violation.field for violation in error.violations] == ["messages[0].role"]


async def test_an_empty_request_is_told_what_it_lacks(process: Process) -> None:
    async with grpc.aio.insecure_channel(process.address) as channel:
        stub = ChatServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stub.Chat(pb.ChatRequest())
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "model" in str(caught.value.details())


async def test_a_request_over_32_mib_is_refused_by_its_size(client: ChatClient) -> None:
    error = await refusal_of(client, sized(33))
    assert error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert "33554432" in str(error)


async def test_two_hundred_violations_reach_the_client_within_the_bound(client: ChatClient) -> None:
    error = await refusal_of(client, *[pb.Message(role=pb.ROLE_USER)] * 200)
    assert error.code is grpc.StatusCode.INVALID_ARGUMENT
    assert len(error.violations) == 21
    assert error.violations[-1].description == "and 180 more"


ANSWER = b'{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}'
CONFIG = """
providers: {{replayed: {{protocol: openai, base_url: "{url}", auth: none}}}}
routes: {{default: {{targets: [replayed/m]}}}}
"""


async def test_ten_requests_of_30_mb_at_once_are_answered_within_bounded_memory(tmp_path: Path) -> None:
    replayed = Replayed(body=ANSWER, keep=False)
    async with replaying(replayed) as url:
        (tmp_path / "config.yaml").write_text(CONFIG.format(url=url))
        async with mainstayd(tmp_path) as process, ChatClient(process.address, options=WIDE) as client:
            await client.chat("hello")
            before = process.rss
            answers = await asyncio.gather(*(client.chat([sized(30)]) for _ in range(10)))
            assert [answer.message.parts[0].text for answer in answers] == ["hi"] * 10
            assert process.peak_rss - before < 10 * 30 * MIB * 6
