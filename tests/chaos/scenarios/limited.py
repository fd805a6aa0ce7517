"""M17: 1,000 callers wait at a provider's rate limit.

The limit is 3,000 a minute: a fifth of them may go at once, and 40 a second from then on. So the last of 1,000 waits
for ten seconds; those who have less time do not wait in vain, and get what there is without a model: a rule's answer.
"""

import asyncio
from dataclasses import dataclass

from tests.chaos.expect import expect, expect_that
from tests.chaos.scenario import Scenario
from tests.chaos.seen import Seen
from tests.chaos.stage import Stage

CALLERS = 1000
PER_MINUTE = 3000
AT_ONCE, PER_SECOND = 600, 40
PATIENT, HASTY = 25.0, 5.0
"""Seconds. Every fourth caller is hasty."""
BY_THE_MODEL = "completed by primary"
MISJUDGED = 5
"""Of those whose wait was thought to be just short enough."""
SLACK = 30
"""Requests: of the way from the service's clock to the provider's."""


@dataclass(frozen=True, slots=True)
class AtTheLimit:
    """A play: all of them ask at once."""

    async def __call__(self, stage: Stage) -> None:
        """Plays. Raises Unmet."""
        await stage.break_with(primary="tokens(3)")
        async with asyncio.TaskGroup() as callers:
            tasks = [callers.create_task(stage.ask(PATIENT if number % 4 else HASTY)) for number in range(CALLERS)]
        _expect_all_served_or_told([task.result() for task in tasks])
        asked = [request["started"] for request in await stage.requests(stage.primary)]
        served = sum(task.result().phrase == BY_THE_MODEL for task in tasks)
        stage.tell(f"{served} of {CALLERS} completed, {CALLERS - served} by a rule", len(asked))
        expect_that(served <= len(asked) <= served + MISJUDGED, f"{served} were served by {len(asked)} requests")
        _expect_the_rate(sorted(asked))


def _expect_all_served_or_told(seen: list[Seen]) -> None:
    by_a_hair = 0
    for number, one in enumerate(seen):
        if one.phrase == BY_THE_MODEL:
            continue
        expect_that(not number % 4, f"caller {number} had the time to wait, and saw {one.phrase}")
        if one.attempts == ["primary ABANDONED"]:  # its turn came at the end of its time, and the answer after it
            by_a_hair += 1
            continue
        expect(f"caller {number} saw", [one.phrase, *one.attempts], ["rule answer", "primary SKIPPED"])
        expect_that(one.seconds < HASTY, f"caller {number} was told after {one.seconds:.1f} s")
    expect_that(by_a_hair <= MISJUDGED, f"{by_a_hair} callers had their turn too late, at most {MISJUDGED} may")


def _expect_the_rate(times: list[float]) -> None:
    """In no window more than may go at once and what flows in. The provider's clock sees them a little bunched."""
    for first in range(0, len(times), 25):
        for last in range(first, len(times), 25):
            most = AT_ONCE + PER_SECOND * (times[last] - times[first]) + SLACK
            expect_that(last - first < most, f"{last - first} requests in {times[last] - times[first]:.2f} s")


SCENARIOS = [
    Scenario(
        key="m17",
        does=f"{CALLERS} callers at a limit of {PER_MINUTE} a minute",
        targets=["primary/{}"],
        models={"primary/{}": {"limits": {"requests_per_minute": PER_MINUTE}}},
        play=AtTheLimit(),
    ),
]
