"""M09: the trace collector is down, or slow. A service of its own that exports every call.

At scale 1. The same calls, half of them streams, are made to a service without a collector, and what they take is the
measure.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from mainstay import ChatClient
from tests.chaos.expect import expect, expect_that
from tests.chaos.house import serving
from tests.chaos.own import expect_a_good_end
from tests.chaos.scenario import Mode, Scenario
from tests.chaos.seen import Seen, see
from tests.chaos.stage import QUESTION, Stage
from tests.kit.collector import collecting
from tests.kit.process import Process, free_port

CALLS = 240
AT_A_TIME = 10
MOST_BYTES = 20 * 2**20
FACTOR, SLACK = 2.0, 0.02
"""By how much the median call may be slower: spans cost something, and so does this machine."""
LONGEST = 2.0
"""Seconds: nobody waits for a collector's limit, which is longer."""
LIMIT = 3
"""Seconds after which an export is given up."""
LEAVES_WITHIN = 4.0
"""Seconds from SIGTERM to the end: the last exports have two, both together."""


@dataclass(frozen=True, slots=True)
class Without:
    """A play. `mode` is the collector's; empty: there is none where it should be."""

    mode: str

    async def __call__(self, stage: Stage) -> None:
        """Plays. Raises Unmet."""
        await stage.break_with(primary="tokens(5)")
        usual = await _asked(stage, stage.house.client)
        async with AsyncExitStack() as stack:
            endpoint = f"http://127.0.0.1:{free_port()}"
            if self.mode:
                folder = Path(stack.enter_context(TemporaryDirectory(prefix="mainstay-chaos-collector-")))
                endpoint = (await stack.enter_async_context(collecting(folder, self.mode))).grpc
            await _compare(stage, endpoint, usual)


async def _compare(stage: Stage, endpoint: str, usual: Sequence[Seen]) -> None:
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_TIMEOUT": str(LIMIT)}
    async with serving(stage.house.folder, **told, OTEL_TRACES_SAMPLER_ARG="1") as service:
        async with ChatClient(service.address, caller="chaos") as client:
            grown, seen = await _grown(stage, service, client)
        leaving = time.monotonic()
    took = time.monotonic() - leaving
    expect_a_good_end(service)
    slower = _median(seen) / _median(usual)
    stage.tell(f"{len(seen)} completed, RSS {grown / 2**20:+.1f} MiB", len(await stage.requests(stage.primary)))
    expect("calls that were completed", sum(one.phrase == "completed by primary" for one in seen), len(seen))
    expect_that(_median(seen) <= FACTOR * _median(usual) + SLACK, f"the median call took {slower:.1f} times as long")
    longest = max(one.seconds for one in seen)
    expect_that(longest <= LONGEST, f"the longest call took {longest:.2f} s")
    expect_that(grown <= MOST_BYTES, f"the service grew by {grown:,} bytes")
    expect_that(took <= LEAVES_WITHIN, f"it ended {took:.1f} s after SIGTERM")
    lines = len(service.lines("traces cannot be exported; calls go on"))
    expect_that(lines <= 1, f"{lines} lines said that traces cannot be exported")


async def _grown(stage: Stage, service: Process, client: ChatClient) -> tuple[int, Sequence[Seen]]:
    """By how many bytes the calls made it grow, and what they saw. What is opened once is open before."""
    await _asked(stage, client, calls=AT_A_TIME)
    before = service.rss
    seen = await _asked(stage, client)
    return service.rss - before, seen


async def _asked(stage: Stage, client: ChatClient, calls: int = CALLS) -> Sequence[Seen]:
    left, seen = iter(range(calls)), list[Seen]()

    async def caller() -> None:
        for number in left:
            seen.append(await see(client, QUESTION, streamed=bool(number % 2), seconds=10, model=stage.name))

    async with asyncio.TaskGroup() as callers:
        for _ in range(AT_A_TIME):
            callers.create_task(caller())
    return seen


def _median(seen: Sequence[Seen]) -> float:
    return median(one.seconds for one in seen)


SCENARIOS = [
    Scenario(key="m09", does="the trace collector is down", modes=[Mode.MIXED], play=Without("")),
    Scenario(key="m09-slow", does="it takes two seconds for an export", modes=[Mode.MIXED], play=Without("slow")),
]
