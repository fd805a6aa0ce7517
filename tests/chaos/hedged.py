"""The tail of a target that is slow now and then, with hedges and without: the play of M05 and of `make tail`."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from mainstay import v1 as pb
from mainstay.messages import RequestFields
from tests.chaos.expect import expect, expect_that
from tests.chaos.seen import Seen
from tests.chaos.stage import Stage

TIMES_SLOWER = 20
PERCENT = 0.01
CANCELLED = 0.9
"""Share of the losers that must have been cancelled before they answered."""
NOT_HEDGED = RequestFields(policy=pb.CallPolicy(allow_hedging=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """A play. First calls without hedges, which are the measure and teach how fast the target is; then the others.

    Every `slow_every`th request is slow: as it comes at the provider, so that its share is exact.
    """

    slow_every: int
    usual: float
    """Seconds of a request that is not slow."""
    most_times: float
    """What the 99th percentile may be, in medians of calls without hedges."""
    most_extra: float
    """Share of requests that hedging may add."""
    unhedged: int = 150
    hedged: int = 600
    at_a_time: int = 10

    async def __call__(self, stage: Stage) -> None:
        """Plays. Raises Unmet."""
        await stage.primary.break_with(self._faults(stage.name))
        unhedged = await self._ask(stage, self.unhedged, NOT_HEDGED)
        expect("requests for calls without hedges", len(await stage.requests(stage.primary)), self.unhedged)
        hedged = await self._ask(stage, self.hedged, RequestFields())
        await self._expect_accounted(stage, [*unhedged, *hedged])
        asked = len(await stage.requests(stage.primary)) - self.unhedged
        usual, worst, extra = _p50(unhedged), _p99(hedged), asked / self.hedged - 1
        times = f"{worst / usual:.2f} × p50 ({_p99(unhedged) / usual:.1f} without)"
        stage.tell(f"p99 {times}, {extra / PERCENT:.1f} % more", asked)
        expect_that(asked > self.hedged, "nothing was hedged")
        expect_that(worst <= self.most_times * usual, f"p99 {times}; at most {self.most_times:g} are allowed")
        expect_that(extra <= self.most_extra, f"{extra:.1%} more requests; at most {self.most_extra:.0%} are allowed")

    def _faults(self, model: str) -> Sequence[dict[str, object]]:
        slow = f"slow({self.usual * TIMES_SLOWER:g})"
        return [
            {"model": model, "fault": f"tokens(5)+pace(0)+slow({self.usual:g})"},
            {"model": model, "fault": slow, "every": self.slow_every},
        ]

    async def _ask(self, stage: Stage, calls: int, fields: RequestFields) -> list[Seen]:
        left, seen = iter(range(calls)), list[Seen]()

        async def caller() -> None:
            for _ in left:
                seen.append(await stage.ask(**fields))

        async with asyncio.TaskGroup() as callers:
            for _ in range(self.at_a_time):
                callers.create_task(caller())
        return seen

    async def _expect_accounted(self, stage: Stage, seen: Sequence[Seen]) -> None:
        """All are answered; whoever lost stands in the ledger as abandoned, and was cancelled at the provider.

        Where both copies answer in the same moment the provider has ended first; and a copy may be cancelled before its
        request has come there.
        """
        expect("calls that were completed", sum(one.phrase == "completed by primary" for one in seen), len(seen))
        losers = sum(one.attempts.count("primary ABANDONED") for one in seen)
        expect("attempts in the ledgers", sum(len(one.attempts) for one in seen), len(seen) + losers)
        requests = await stage.requests(stage.primary)
        expect_that(len(requests) <= len(seen) + losers, f"{len(requests)} requests for {len(seen) + losers} attempts")
        cancelled = sum(request["ending"] == "client_left" for request in requests)
        few = f"{cancelled} requests were cancelled, of {losers} that lost"
        expect_that(CANCELLED * losers <= cancelled <= losers, few)


def _p50(seen: Sequence[Seen]) -> float:
    return median(one.seconds for one in seen)


def _p99(seen: Sequence[Seen]) -> float:
    return sorted(one.seconds for one in seen)[-1 - len(seen) // 100]
