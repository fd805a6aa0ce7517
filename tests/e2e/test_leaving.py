"""A caller that leaves, however it leaves, ends the provider's connection at once (M01)."""

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from mainstay import ChatClient, DeadlineExceeded
from tests.kit.service import Control, serving, settings_for
from tests.kit.spans import SpanBook

LONG = "simulator/chat+tokens(5000)"
SILENT = "simulator/chat+silence"
AT_ONCE = 0.1
"""Seconds within which the provider's connection is closed; nine times in ten, so that a busy machine is no failure."""
AT_LAST = 1.0
"""Seconds within which it is closed every time."""


@pytest.fixture
async def address(simulator: str, spans: SpanBook) -> AsyncIterator[str]:
    async with serving(settings_for(simulator), spans.tracer) as address:
        yield address


@pytest.fixture
async def client(address: str) -> AsyncIterator[ChatClient]:
    async with ChatClient(address) as client:
        yield client


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not await true():
            await asyncio.sleep(0.005)


async def ended(control: Control) -> dict[str, Any]:
    """The latest request, once it has ended."""

    async def it_has() -> bool:
        return not bool((await control.seen())["open_requests"])

    await until(it_has)
    return await control.last()


async def test_fifty_callers_in_a_row_leave_mid_stream_and_nothing_stays_open(
    client: ChatClient, simulator: str
) -> None:
    control = Control(simulator)
    took = []
    for _ in range(50):
        async with client.stream("hello", model=LONG) as stream:
            async for event in stream:
                if event.HasField("text_delta"):
                    break
        left = time.time()
        request = await ended(control)
        assert request["ending"] == "client_left"
        took.append(request["ended"] - left)
    assert sorted(took)[44] < AT_ONCE
    assert max(took) < AT_LAST
    assert (await control.seen())["open_connections"] == 0


@pytest.mark.parametrize("model", [LONG, SILENT])
async def test_a_unary_call_that_is_cancelled_closes_the_providers_connection(
    client: ChatClient, simulator: str, model: str
) -> None:
    control = Control(simulator)
    call = asyncio.create_task(client.chat("hello", model=model))

    async def asked() -> bool:
        return bool((await control.seen())["open_requests"])

    await until(asked)
    call.cancel()
    left = time.time()
    with pytest.raises(asyncio.CancelledError):
        await call
    request = await ended(control)
    assert request["ending"] == "client_left"
    assert request["ended"] - left < AT_LAST


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_deadline_closes_the_providers_connection_and_is_told_before_it_passes(
    client: ChatClient, simulator: str, streamed: bool
) -> None:
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded) as caught:
        if streamed:
            async with client.stream("hello", model=LONG, timeout=0.5) as stream:
                async for _ in stream:
                    pass
        else:
            await client.chat("hello", model=SILENT, timeout=0.5)
    assert time.monotonic() - began < 0.5
    assert caught.value.reason == "OUT_OF_TIME"
    assert (await ended(Control(simulator)))["ending"] == "client_left"


KILLED = """
import asyncio, sys
from mainstay import ChatClient
async def main():
    async with ChatClient(sys.argv[1]) as client, client.stream("hello", model=sys.argv[2]) as stream:
        async for event in stream:
            print("event", flush=True)
asyncio.run(main())
"""


async def test_the_kill_of_a_client_closes_the_providers_connection(address: str, simulator: str) -> None:
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, address, LONG), stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    await child.stdout.readline()
    await child.stdout.readline()
    child.send_signal(signal.SIGKILL)
    left = time.time()
    await child.communicate()
    request = await ended(Control(simulator))
    assert request["ending"] == "client_left"
    assert request["ended"] - left < AT_LAST
