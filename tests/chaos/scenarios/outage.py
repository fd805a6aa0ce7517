"""S15: the primary is down for 60 s, while calls go on, and then it is back.

At scale 20: down for 3 s, openings of 0.75 s to 1.5 s; but for the waits before a retry, which the code fixes and which
only the first calls meet.
"""

import asyncio
import time
from dataclasses import dataclass, field

from tests.chaos.expect import expect, expect_that
from tests.chaos.probes import Openings, expect_one_at_a_time
from tests.chaos.scenario import Scenario
from tests.chaos.seen import Seen
from tests.chaos.stage import Stage

SCALE = 20
DOWN = 60 / SCALE
BACK_WITHIN = 30 / SCALE
OPENS_FOR = 15 / SCALE
QUICK = {
    "circuit": {
        "window": f"{30 / SCALE:g}s",
        "opens_for": f"{OPENS_FOR:g}s",
        "opens_at_most": f"{30 / SCALE:g}s",
    }
}
CALLERS = 5
PAUSE = 0.02
"""Between two calls of a caller."""


@dataclass(slots=True)
class _Calls:
    """Callers who go on until they are told to stop."""

    stage: Stage
    seen: list[Seen] = field(default_factory=list)
    openings: Openings = field(default_factory=Openings)
    back: asyncio.Event = field(default_factory=asyncio.Event)
    """Set once the primary completes a call."""
    enough: bool = False

    async def make(self) -> None:
        while not self.enough:
            one = await self.stage.ask()
            self.seen.append(one)
            self.openings.heard(one)
            if one.phrase == "completed by primary":
                self.back.set()
            await asyncio.sleep(PAUSE)


async def _down_and_back(stage: Stage) -> None:
    await stage.break_with(primary="reset", secondary="tokens(5)")
    calls = _Calls(stage)
    async with asyncio.TaskGroup() as callers:
        for _ in range(CALLERS):
            callers.create_task(calls.make())
        await asyncio.sleep(DOWN)
        repaired = time.time()
        await stage.primary.break_with([])
        took = await _until_back(calls, repaired)
        calls.enough = True
    after = [await stage.ask() for _ in range(3)]
    await _tell(stage, calls, took)
    unanswered = [one.phrase for one in calls.seen if not one.phrase.startswith("completed by")]
    expect("calls that were not answered", unanswered, [])
    expect("then", {one.phrase for one in after}, {"completed by primary"})
    expect_that(took <= BACK_WITHIN, f"back after {took:.2f} s, at most {BACK_WITHIN:g} s are allowed")
    probes = calls.openings.probes(await stage.requests(stage.primary), until=repaired)
    expect_that(bool(probes), "nobody probed the primary while it was down")
    expect_one_at_a_time(probes, OPENS_FOR)


async def _until_back(calls: _Calls, repaired: float) -> float:
    """Seconds; if it takes too long, those that were waited."""
    try:
        async with asyncio.timeout(2 * BACK_WITHIN):
            await calls.back.wait()
    except TimeoutError:
        pass
    return time.time() - repaired


async def _tell(stage: Stage, calls: _Calls, took: float) -> None:
    requests = len(await stage.requests(stage.primary)) + len(await stage.requests(stage.secondary))
    stage.tell(f"{len(calls.seen)} calls, back after {took * SCALE:.0f} s of 30", requests)


SCENARIOS = [
    Scenario(
        key="s15",
        does="down for 60 s, then back",
        scale=SCALE,
        providers={"primary-quick": QUICK},
        targets=["primary-quick/{}", "secondary/{}"],
        play=_down_and_back,
    )
]
