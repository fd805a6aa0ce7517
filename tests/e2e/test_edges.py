"""What callers do at the edge of the rules."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import grpc
import pytest

from mainstay import ChatClient, MainstayError
from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from service.config import Settings
from tests.kit.process import mainstayd
from tests.kit.replay import Replayed, replaying
from tests.kit.service import PROVIDER, Control, serving, settings_for

HELLO = pb.ChatRequest(model="default", messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])])
FLOOD = b'data: {"choices":[{"delta":{"content":"' + b"x" * 60_000 + b'"}}]}\n\n'


@asynccontextmanager
async def flooded(settings: dict[str, Any]) -> AsyncIterator[tuple[str, Replayed]]:
    """A service in front of a provider that never stops talking."""
    replayed = Replayed(pieces=lambda body: (FLOOD for _ in range(10_000)))
    async with replaying(replayed) as url:
        base = settings_for(url)
        changed = base.model_copy(update={"server": base.server.model_copy(update=settings)})
        async with serving(changed) as address:
            yield address, replayed


async def test_a_caller_that_does_not_read_is_not_waited_for_past_the_deadline() -> None:
    async with flooded({"max_deadline": 1.0}) as (address, replayed), grpc.aio.insecure_channel(address) as channel:
        call = ChatServiceStub(channel).ChatStream(HELLO)
        await call.read()
        async with asyncio.timeout(3):
            await replayed.left.wait()
        call.cancel()


async def test_a_caller_that_leaves_during_a_write_is_no_bug_of_ours(tmp_path: Path) -> None:
    replayed = Replayed(pieces=lambda body: (FLOOD for _ in range(10_000)))
    async with replaying(replayed) as url:
        rows = f'providers: {{{PROVIDER}: {{protocol: openai, base_url: "{url}", auth: none}}}}\n'
        (tmp_path / "config.yaml").write_text(f"{rows}routes: {{default: {{targets: [{PROVIDER}/m]}}}}\n")
        async with mainstayd(tmp_path) as process:
            for _ in range(5):
                async with grpc.aio.insecure_channel(process.address) as channel:
                    call = ChatServiceStub(channel).ChatStream(HELLO)
                    await call.read()
                    await asyncio.sleep(0.1)
                    call.cancel()
            async with asyncio.timeout(3):
                await replayed.left.wait()
    assert [line["status"] for line in process.lines("call")] == ["CANCELLED"] * 5
    assert not process.lines("a call met a bug")


@pytest.mark.parametrize(("streamed", "field"), [(False, "unary"), (True, "stream")])
async def test_a_call_without_a_deadline_has_the_one_of_its_kind(streamed: bool, field: str, simulator: str) -> None:
    base = settings_for(simulator, stall_timeout="30s")
    limits = base.server.default_deadline.model_copy(update={field: 0.4})
    settings = base.model_copy(update={"server": base.server.model_copy(update={"default_deadline": limits})})
    request = pb.ChatRequest(model=f"{PROVIDER}/chat+silence", messages=HELLO.messages)
    async with serving(settings) as address, grpc.aio.insecure_channel(address) as channel:
        began = time.monotonic()
        stub = ChatServiceStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async with asyncio.timeout(5):
                await (stub.ChatStream(request).read() if streamed else stub.Chat(request))
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - began < 2


async def test_no_deadline_is_longer_than_the_maximum(simulator: str) -> None:
    base = settings_for(simulator)
    settings = base.model_copy(update={"server": base.server.model_copy(update={"max_deadline": 0.4})})
    async with serving(settings) as address, ChatClient(address) as client:
        began = time.monotonic()
        with pytest.raises(MainstayError) as caught:
            await client.chat("hello", model=f"{PROVIDER}/chat+silence", timeout=60)
    assert caught.value.reason == "OUT_OF_TIME"
    assert time.monotonic() - began < 2


async def test_a_route_asks_the_first_of_its_targets_that_can_be_asked(simulator: str) -> None:
    settings = Settings.model_validate(
        {
            "server": {"address": "127.0.0.1:0", "admin_address": None, "drain_grace": "0s"},
            "providers": {
                "keyless": {"protocol": "openai", "base_url": simulator},
                PROVIDER: {"protocol": "openai", "base_url": simulator, "auth": "none"},
            },
            "routes": {"default": {"targets": ["keyless/a", f"{PROVIDER}/b"]}},
        }
    )
    async with serving(settings) as address, ChatClient(address) as client:
        response = await client.chat("hello")
        with pytest.raises(MainstayError, match="provider 'keyless' cannot be asked: no key"):
            await client.chat("hello", model="keyless/a")
    assert (response.provenance.provider, response.provenance.model) == (PROVIDER, "b")
    assert len(response.provenance.attempts) == 1


async def test_a_routes_own_clocks_hold(simulator: str) -> None:
    settings = settings_for(simulator, route={"stall_timeout": "200ms", "targets": [f"{PROVIDER}/chat+stall(3,30)"]})
    async with serving(settings) as address, ChatClient(address) as client:
        with pytest.raises(MainstayError) as caught:
            async with client.stream("hello") as stream:
                async for _ in stream:
                    pass
    assert caught.value.reason == "STALLED"


END_THERE = pb.CallPolicy(recovery=pb.RECOVERY_FAIL)


async def test_a_broken_stream_keeps_the_providers_name_of_the_request() -> None:
    replayed = Replayed(headers={"x-request-id": "req_7"}, body=FLOOD)
    async with replaying(replayed) as url, serving(settings_for(url)) as address, ChatClient(address) as client:
        with pytest.raises(MainstayError) as caught:
            async with client.stream("hello", policy=END_THERE) as stream:
                async for _ in stream:
                    pass
    assert caught.value.call_failure is not None
    (attempt,) = caught.value.call_failure.provenance.attempts
    assert (attempt.failure, attempt.provider_request_id) == (pb.FAILURE_KIND_CUT_OFF, "req_7")


async def test_bytes_that_are_no_request_are_told_so(simulator: str) -> None:
    async with serving(settings_for(simulator)) as address, grpc.aio.insecure_channel(address) as channel:
        chat: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/mainstay.v1.ChatService/Chat")
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await chat(b"\xff\xff\xff")
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert "not a mainstay.v1.ChatRequest" in str(caught.value.details())


async def test_an_attempt_cut_short_by_the_callers_time_was_abandoned_and_the_caller_did_not_leave(
    simulator: str,
) -> None:
    async with serving(settings_for(simulator)) as address, ChatClient(address) as client:
        with pytest.raises(MainstayError) as caught:
            await client.chat("hello", model=f"{PROVIDER}/chat+silence", timeout=0.4)
    assert caught.value.call_failure is not None
    (attempt,) = caught.value.call_failure.provenance.attempts
    assert (attempt.outcome, attempt.failure) == (pb.ATTEMPT_OUTCOME_ABANDONED, pb.FAILURE_KIND_UNSPECIFIED)


async def test_what_was_never_sent_was_skipped(simulator: str) -> None:
    image = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(image=pb.Media(provider_file_id="file-1"))])
    async with serving(settings_for(simulator)) as address, ChatClient(address) as client:
        with pytest.raises(MainstayError) as caught:
            await client.chat([image])
    assert caught.value.call_failure is not None
    (attempt,) = caught.value.call_failure.provenance.attempts
    assert (attempt.outcome, attempt.failure) == (pb.ATTEMPT_OUTCOME_SKIPPED, pb.FAILURE_KIND_UNSUPPORTED)
    assert (await Control(simulator).seen())["total"] == 0


async def test_a_folder_full_of_somebody_elses_modules_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "orjson.py").write_text("raise SystemExit('somebody else was imported')\n")
    (tmp_path / "service").mkdir()
    (tmp_path / "service" / "__init__.py").write_text("")
    async with mainstayd(tmp_path, "--simulate") as process, ChatClient(process.address) as client:
        assert (await client.chat("hello")).source == pb.SOURCE_SIMULATOR


async def test_when_the_simulator_dies_the_service_says_so_and_stops(tmp_path: Path) -> None:
    async with mainstayd(tmp_path, "--simulate") as process:
        children = Path(f"/proc/{process.child.pid}/task/{process.child.pid}/children").read_text().split()
        os.kill(int(children[0]), signal.SIGKILL)
        async with asyncio.timeout(10):
            assert await process.child.wait() == 1
    assert process.lines("the simulator has died: stopping")
    assert process.lines("stopped")


async def test_ctrl_c_lets_an_open_answer_of_the_simulator_finish(tmp_path: Path) -> None:
    async with mainstayd(tmp_path, "--simulate") as process, ChatClient(process.address) as client:
        async with client.stream("hello", model=f"{PROVIDER}/chat+tokens(50)") as stream:
            await anext(stream)
            os.killpg(process.child.pid, signal.SIGINT)
            async for _ in stream:
                pass
        assert stream.response.finish_reason == pb.FINISH_REASON_STOP
