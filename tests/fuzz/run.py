"""Tries many cases, in as many processes as there are processors."""

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field

from tests.fuzz.bodies import Body, bodies
from tests.fuzz.case import make_case
from tests.fuzz.trial import tried

BATCH = 500
_WEIGHED = 50
"""One case in so many has its memory measured, which takes time."""


@dataclass(frozen=True, slots=True)
class Crash:
    """What went wrong with which case."""

    index: int
    complaint: str


@dataclass(slots=True)
class Tally:
    """What came of some cases."""

    tried: int = 0
    failed: int = 0
    """Those that came to a failure of ours, as a damaged body may."""
    crashes: list[Crash] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Counts those of the other, too."""
        self.tried += other.tried
        self.failed += other.failed
        self.crashes += other.crashes


def batch(sources: Sequence[Body], seed: int, indexes: range) -> Tally:
    """The tally of these cases."""
    tally = Tally()
    for index in indexes:
        verdict = tried(make_case(sources, seed, index), weighed=index % _WEIGHED == 0)
        tally.tried += 1
        tally.failed += verdict.failed
        if verdict.complaint:
            tally.crashes.append(Crash(index, verdict.complaint))
    return tally


def tallies(protocol: str, seed: int, count: int) -> Iterator[Tally]:
    """The tally of each batch of one protocol's, as it is ready. A worker that dies raises `BrokenProcessPool`."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        os.cpu_count(), mp_context=context, initializer=_read_bodies, initargs=(protocol,)
    ) as pool:
        starts = range(0, count, BATCH)
        ready = [pool.submit(_batch, seed, range(start, min(start + BATCH, count))) for start in starts]
        try:
            for done in as_completed(ready):
                yield done.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_sources: list[Body] = []  # of a worker, read once


def _read_bodies(protocol: str) -> None:
    _sources.extend(bodies(protocol))


def _batch(seed: int, indexes: range) -> Tally:
    return batch(_sources, seed, indexes)
