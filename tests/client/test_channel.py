"""What the channel does by itself: repeat a call that did not get through, and nothing else."""

import grpc
import pytest

import mainstay
from mainstay import ChatClient, text_of, user
from mainstay import v1 as pb
from mainstay.channel import OPTIONS
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from tests.client.scripted import (
    Context,
    Script,
    Scripted,
    answer,
    answers,
    completed,
    fails,
    numbered,
    streams,
    text,
)

UNAVAILABLE = fails(grpc.StatusCode.UNAVAILABLE, "no")
SPENT = fails(grpc.StatusCode.UNAVAILABLE, "spent", trailers={"grpc-retry-pushback-ms": "-1"})


def first(failing: Script, then: Script, times: int = 1) -> Script:
    tries = 0

    async def script(request: pb.ChatRequest, context: Context) -> object:
        nonlocal tries
        tries += 1
        return await (failing if tries <= times else then)(request, context)

    return script


async def ask(client: ChatClient, how: str) -> None:
    if how == "chat":
        await client.chat("Well?")
        return
    async with client.stream("Well?") as stream:
        async for _ in stream:
            pass


@pytest.mark.parametrize("how", ["chat", "stream"])
@pytest.mark.parametrize(
    ("script", "calls"),
    [
        pytest.param(UNAVAILABLE, 3, id="unavailable"),
        pytest.param(SPENT, 1, id="unavailable_but_the_server_has_tried_enough"),
        pytest.param(fails(grpc.StatusCode.INTERNAL), 1, id="internal"),
        pytest.param(fails(grpc.StatusCode.RESOURCE_EXHAUSTED), 1, id="resource_exhausted"),
    ],
)
async def test_only_unavailable_is_repeated_and_only_if_the_server_allows_it(
    server: Scripted, client: ChatClient, how: str, script: Script, calls: int
) -> None:
    server.script = script
    with pytest.raises(mainstay.MainstayError):
        await ask(client, how)
    assert len(server.seen) == calls


async def test_a_stock_channel_with_our_options_obeys_the_pushback(server: Scripted) -> None:
    server.script = first(UNAVAILABLE, SPENT)
    async with grpc.aio.insecure_channel(server.target, options=OPTIONS) as channel:
        with pytest.raises(grpc.aio.AioRpcError, match="spent"):
            await ChatServiceStub(channel).Chat(pb.ChatRequest(model="default"), timeout=10)
    assert len(server.seen) == 2


async def test_a_repeated_call_is_answered(server: Scripted, client: ChatClient) -> None:
    server.script = first(UNAVAILABLE, answers(answer("Yes.")), times=2)
    assert text_of(await client.chat("Well?")) == "Yes."


async def test_a_repeated_stream_is_answered(server: Scripted, client: ChatClient) -> None:
    server.script = first(UNAVAILABLE, streams(*numbered(text("Yes."), completed())))
    async with client.stream("Well?") as stream:
        assert [piece async for piece in stream.text()] == ["Yes."]


async def test_a_large_request_is_repeated_too(server: Scripted, client: ChatClient) -> None:
    server.script = first(UNAVAILABLE, answers(answer("Yes.")))
    assert text_of(await client.chat(user("x" * (4 << 20)))) == "Yes."


async def test_an_answer_may_be_larger_than_grpc_allows_by_default(server: Scripted, client: ChatClient) -> None:
    server.script = answers(answer("x" * (8 << 20)))
    assert len(text_of(await client.chat("Well?"))) == 8 << 20


async def test_options_given_override_ours(server: Scripted) -> None:
    server.script = UNAVAILABLE
    async with ChatClient(server.target, options=[("grpc.enable_retries", 0)]) as client:
        with pytest.raises(mainstay.Unavailable):
            await client.chat("Well?")
    assert len(server.seen) == 1


async def test_a_proxy_in_the_environment_is_not_asked(server: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "grpc_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    for name in ("no_proxy", "no_grpc_proxy"):
        monkeypatch.delenv(name, raising=False)
    server.script = answers(answer("Yes."))
    async with ChatClient(server.target) as client:
        assert text_of(await client.chat("Well?", timeout=5)) == "Yes."
