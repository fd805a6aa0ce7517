"""M06, first half: under load the primary fails every call, and the secondary is well.

At scale 1, as the budget's floor is a rate. Retries may add a fifth to what the failing target gets anyway, and the
floor: 3 a second, of which ten seconds' worth may have been saved up. Without a budget it would be three times as much.
"""

import asyncio
import time
from dataclasses import dataclass

from tests.chaos.expect import expect, expect_that
from tests.chaos.scenario import Scenario
from tests.chaos.seen import Seen
from tests.chaos.stage import Stage

CALLS = 200
AT_A_TIME = 25
SHARE = 1.2
FLOOR_SAVED = 30
FLOOR_PER_SECOND = 3


@dataclass(frozen=True, slots=True)
class UnderLoad:
    """A play: many calls at a time, each of which must be answered."""

    fault: str

    async def __call__(self, stage: Stage) -> None:
        """Plays. Raises Unmet."""
        await stage.break_with(primary=self.fault, secondary="tokens(5)")
        began = time.monotonic()
        seen = await _ask_many(stage)
        seconds = time.monotonic() - began
        asked = len(await stage.requests(stage.primary))
        answered = sum(one.phrase == "completed by secondary" for one in seen)
        stage.tell(f"{answered} of {CALLS} completed by secondary", asked + len(await stage.requests(stage.secondary)))
        expect("calls that the secondary completed", answered, CALLS)
        expect("requests that the primary is said to have got", sum(one.requests_to("primary") for one in seen), asked)
        bound = SHARE * CALLS + FLOOR_SAVED + FLOOR_PER_SECOND * seconds
        expect_that(asked <= bound, f"{asked} requests to the failing target, at most {bound:.0f} are allowed")


async def _ask_many(stage: Stage) -> list[Seen]:
    seen: list[Seen] = []

    async def caller() -> None:
        while len(left) > 0:
            left.pop()
            seen.append(await stage.ask())

    left = [None] * CALLS
    async with asyncio.TaskGroup() as callers:
        for _ in range(AT_A_TIME):
            callers.create_task(caller())
    return seen


SCENARIOS = [
    Scenario(key="m06", does=f"under load, always 500 ({CALLS} calls)", play=UnderLoad("status(500)")),
    Scenario(key="m06-limited", does=f"under load, always 429 ({CALLS} calls)", play=UnderLoad("status(429)")),
]
