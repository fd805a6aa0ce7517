"""M06: under load the primary fails every call, and the secondary is well.

At scale 1, as the budget's floor is a rate. Without a circuit retries may add a fifth to what the failing target gets
anyway, and the floor: 3 a second, of which ten seconds' worth may have been saved up. Without a budget it would be
three times as much. With a circuit it gets next to nothing. A 429 opens none, because a limit is no outage.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from tests.chaos.expect import expect, expect_that
from tests.chaos.probes import Openings, expect_one_at_a_time
from tests.chaos.scenario import Scenario, Section
from tests.chaos.seen import Seen
from tests.chaos.stage import Stage

CALLS = 200
AT_A_TIME = 25
SHARE = 1.2
FLOOR_SAVED = 30
FLOOR_PER_SECOND = 3
OPENS_FOR = 0.5
UNCIRCUITED: Mapping[str, Section] = {"primary-uncircuited": {"circuit": {"enabled": False}}}
PROBED: Mapping[str, Section] = {
    "primary-probed": {"circuit": {"opens_for": f"{OPENS_FOR}s", "opens_at_most": f"{OPENS_FOR}s"}}
}
LOAD_SECONDS = 2.5
"""Five openings."""


@dataclass(frozen=True, slots=True)
class UnderLoad:
    """A play: many calls at a time, each of which must be answered."""

    fault: str

    async def __call__(self, stage: Stage) -> None:
        """Plays. Raises Unmet."""
        await stage.break_with(primary=self.fault, secondary="tokens(5)")
        began = time.monotonic()
        seen = await _ask_many(stage, CALLS)
        seconds = time.monotonic() - began
        asked = await _expect_all_answered(stage, seen)
        bound = SHARE * CALLS + FLOOR_SAVED + FLOOR_PER_SECOND * seconds
        expect_that(asked <= bound, f"{asked} requests to the failing target, at most {bound:.0f} are allowed")


async def _with_circuit(stage: Stage) -> None:
    """As many callers for some seconds: the first ones find out, and then one probe at a time goes."""
    await stage.break_with(primary="status(500)", secondary="tokens(5)")
    openings, until = Openings(), time.time() + LOAD_SECONDS
    seen = await _ask_many(stage, None, openings, until)
    asked = await _expect_all_answered(stage, seen)
    probes = openings.probes(await stage.requests(stage.primary), until=time.time())
    expect_one_at_a_time(probes, OPENS_FOR)
    expect_that(len(probes) >= 2, f"{len(probes)} probes in {LOAD_SECONDS:g} s, with openings of {OPENS_FOR:g} s")
    before = asked - len(probes)
    expect_that(before <= 2 * AT_A_TIME, f"{before} requests, of {AT_A_TIME} callers, before the circuit opened")


async def _expect_all_answered(stage: Stage, seen: list[Seen]) -> int:
    """By the secondary. Returns how many requests the primary got. Raises Unmet."""
    asked = len(await stage.requests(stage.primary))
    answered = sum(one.phrase == "completed by secondary" for one in seen)
    in_all = asked + len(await stage.requests(stage.secondary))
    stage.tell(f"{answered} of {len(seen)} by secondary, {asked} asked primary", in_all)
    expect("calls that the secondary completed", answered, len(seen))
    expect("requests that the primary is said to have got", sum(one.requests_to("primary") for one in seen), asked)
    return asked


async def _ask_many(
    stage: Stage, calls: int | None, openings: Openings | None = None, until: float | None = None
) -> list[Seen]:
    """So many calls, or as many as begin `until` then."""
    seen: list[Seen] = []
    begun = 0

    async def caller() -> None:
        nonlocal begun
        while (calls is None or begun < calls) and (until is None or time.time() < until):
            begun += 1
            seen.append(await stage.ask())
            if openings is not None:
                openings.heard(seen[-1])

    async with asyncio.TaskGroup() as callers:
        for _ in range(AT_A_TIME):
            callers.create_task(caller())
    return seen


SCENARIOS = [
    Scenario(
        key="m06",
        does=f"under load, always 500, no circuit ({CALLS} calls)",
        providers=UNCIRCUITED,
        targets=["primary-uncircuited/{}", "secondary/{}"],
        play=UnderLoad("status(500)"),
    ),
    Scenario(
        key="m06-limited",
        does=f"under load, always 429, no circuit ({CALLS} calls)",
        providers=UNCIRCUITED,
        targets=["primary-uncircuited/{}", "secondary/{}"],
        play=UnderLoad("status(429)"),
    ),
    Scenario(
        key="m06-circuit",
        does="under load, always 500, with a circuit",
        providers=PROBED,
        targets=["primary-probed/{}", "secondary/{}"],
        play=_with_circuit,
    ),
]
