"""M01: the client goes away in the middle of an answer, fifty times in a row. In real time, as SCENARIOS.md has it."""

import asyncio
import time
from contextlib import suppress
from functools import partial
from typing import Any

from mainstay import MainstayError
from mainstay import v1 as pb
from tests.chaos.expect import expect, expect_that
from tests.chaos.scenario import Mode, Scenario
from tests.chaos.stage import QUESTION, Stage

TIMES = 50
AT_ONCE = 0.1
"""Seconds within which the provider sees it, by the clock that both processes share."""
ENDLESS = "tokens(5000)+pace(10ms)"


async def _leave_fifty_times(stage: Stage, cache: pb.CacheMode.ValueType = pb.CACHE_MODE_BYPASS) -> None:
    await stage.break_with(primary=ENDLESS)
    leave = _leave_a_stream if stage.row.mode is Mode.STREAM else _leave_a_unary_call
    took = []
    for _ in range(TIMES):
        left = await leave(stage, pb.CallPolicy(cache=cache))
        request = await _ended(stage)
        expect("how the request ended", request["ending"], "client_left")
        took.append(request["ended"] - left)
    stage.tell(f"left {TIMES} times, closed within 100 ms", len(await stage.requests(stage.primary)))
    expect("attempts", stage.attempts, TIMES)
    late = [seconds for seconds in took if seconds > AT_ONCE]
    slowest = f"{len(late)} of {TIMES} were closed after more than 100 ms, the slowest after {max(took) * 1000:.0f} ms"
    expect_that(not late, slowest)


async def _leave_a_stream(stage: Stage, policy: pb.CallPolicy) -> float:
    async with stage.house.client.stream(QUESTION, model=stage.name, policy=policy) as stream:
        async for event in stream:
            if event.HasField("text_delta"):
                break
        return time.time()


async def _leave_a_unary_call(stage: Stage, policy: pb.CallPolicy) -> float:
    call = asyncio.create_task(stage.house.client.chat(QUESTION, model=stage.name, policy=policy))
    while not await stage.primary.open_requests():
        await asyncio.sleep(0.001)
    left = time.time()
    call.cancel()
    with suppress(asyncio.CancelledError, MainstayError):
        await call
    return left


async def _ended(stage: Stage) -> dict[str, Any]:
    """The latest request, once it has ended."""
    while await stage.primary.open_requests():
        await asyncio.sleep(0.002)
    return (await stage.requests(stage.primary))[-1]


SCENARIOS = [
    Scenario(key="m01", does="the client goes away mid-answer", play=_leave_fifty_times),
    Scenario(
        key="m01-shared",
        does="the same, others could have shared the answer",
        play=partial(_leave_fifty_times, cache=pb.CACHE_MODE_USE),
    ),
]
