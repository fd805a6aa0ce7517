"""Whether a target that is passed over is left alone, but for one probe at a time."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from mainstay import v1 as pb
from tests.chaos.expect import expect_that
from tests.chaos.scenario import role
from tests.chaos.seen import Seen

JITTER = 0.1
"""By which an opening may be shorter than its settings say."""


@dataclass(slots=True)
class Openings:
    """When callers first heard that the primary's circuit is open; by the clock that all processes share."""

    first_heard: float | None = None

    def heard(self, seen: Seen) -> None:
        """Looks through a call that has just ended."""
        if self.first_heard is None and _tells(seen.provenance.attempts):
            self.first_heard = time.time()

    def probes(self, requests: Iterable[Mapping[str, Any]], until: float) -> Sequence[Mapping[str, Any]]:
        """Of the primary's requests those that came although it was open, and before `until`. Raises Unmet."""
        expect_that(self.first_heard is not None, "the primary's circuit never opened")
        assert self.first_heard is not None
        return [request for request in requests if self.first_heard < request["started"] < until]


def expect_one_at_a_time(probes: Sequence[Mapping[str, Any]], shortest: float) -> None:
    """Each came after the one before had ended and an opening of at least that many seconds. Raises Unmet."""
    for before, after in pairwise(probes):
        apart = after["started"] - (before["ended"] or after["started"])
        least = shortest * (1 - JITTER)
        expect_that(apart >= least, f"a probe came {apart:.2f} s after another; openings take {least:.2f} s at least")


def _tells(attempts: Iterable[pb.Attempt]) -> bool:
    return any(role(row.provider) == "primary" and row.failure == pb.FAILURE_KIND_CIRCUIT_OPEN for row in attempts)
