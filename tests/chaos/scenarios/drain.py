"""M10: SIGTERM with 100 streams open, half of which end within the grace. A service of its own, which ends with it.

At scale 1, with a grace of 4 s: its last 2 s, in which open calls are told to end, are fixed in the code.
"""

import asyncio
import signal
import time
from collections import Counter

import grpc
from grpc_health.v1 import health_pb2

from mainstay import ChatClient
from tests.chaos.expect import expect, expect_that
from tests.chaos.house import serving
from tests.chaos.scenario import Mode, Scenario
from tests.chaos.seen import Seen, see
from tests.chaos.stage import QUESTION, Stage
from tests.kit.process import Process

STREAMS = 100
GRACE = 4.0
NOTICE = 0.5
SHORT = "tokens(15)+pace(100ms)"
"""1.5 s: over before the grace is."""
ENDLESS = "tokens(5000)+pace(100ms)"


async def _end_with_streams_open(stage: Stage) -> None:
    await stage.primary.break_with([{"model": stage.name, "fault": SHORT}])
    await stage.secondary.break_with([{"model": "endless", "fault": ENDLESS}])
    limits = {"MAINSTAY__SERVER__DRAIN_GRACE": f"{GRACE}s", "MAINSTAY__SERVER__DRAIN_NOTICE": f"{NOTICE}s"}
    async with serving(stage.house.folder, **limits) as service, ChatClient(service.address, caller="chaos") as client:
        models = [stage.name, "secondary/endless"] * (STREAMS // 2)
        async with asyncio.TaskGroup() as callers:
            streams = [callers.create_task(see(client, QUESTION, streamed=True, seconds=30, model=m)) for m in models]
            await _all_open(stage)
            service.child.send_signal(signal.SIGTERM)
            told = time.monotonic()
            health, refused = await _meanwhile(service, client, stage)
        expect("exit code", await service.child.wait(), 0)
        lasted = time.monotonic() - told
    seen = [stream.result() for stream in streams]
    stage.tell(_in_words(seen), len(await _all(stage)))
    expect("health after SIGTERM", health, "NOT_SERVING")
    expect("a new caller saw", refused.phrase, "UNAVAILABLE DRAINING")
    expect_that(refused.error is not None and refused.error.retry_after is not None, "the new caller got no retry hint")
    expect("requests, none of them the new caller's", stage.attempts, STREAMS)
    expect("streams by their end", Counter(one.phrase for one in seen), _HALF_AND_HALF)
    cut = [one.error for one in seen if one.error is not None]
    expect("streams that were cut without a retry hint", sum(error.retry_after is None for error in cut), 0)
    expect_that(lasted <= GRACE + 0.5, f"the process ended after {lasted:.1f} s, with a grace of {GRACE:g} s")
    expect("complaints", service.said, [])


_HALF_AND_HALF = Counter({"completed by primary": STREAMS // 2, "UNAVAILABLE DRAINING": STREAMS // 2})


async def _all_open(stage: Stage) -> None:
    while len(await _all(stage)) < STREAMS or any(not request["chunks"] for request in await _all(stage)):
        await asyncio.sleep(0.02)


async def _all(stage: Stage) -> list[dict[str, object]]:
    return [*await stage.requests(stage.primary), *await stage.secondary.requests("endless")]


async def _meanwhile(service: Process, client: ChatClient, stage: Stage) -> tuple[str, Seen]:
    """What the health service says during the notice, and what a new call sees after it."""
    health = await _health_of(service.address)
    await asyncio.sleep(NOTICE + 0.3)
    return health, await see(client, QUESTION, streamed=False, seconds=5, model=stage.name)


async def _health_of(address: str) -> str:
    async with grpc.aio.insecure_channel(address) as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        answer = await check(health_pb2.HealthCheckRequest(service="mainstay.v1.ChatService"))
        return str(health_pb2.HealthCheckResponse.ServingStatus.Name(answer.status))


def _in_words(seen: list[Seen]) -> str:
    ends = Counter("completed" if one.error is None else one.error.reason for one in seen)
    return ", ".join(f"{count} {end}" for end, count in ends.most_common())


SCENARIOS = [
    Scenario(key="m10", does=f"SIGTERM with {STREAMS} streams open", modes=[Mode.STREAM], play=_end_with_streams_open)
]
