"""A whole soak: opens what it needs, calls, watches, and compares both ends."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from tests.bench.cpus import here
from tests.bench.exposition import fetched, total
from tests.bench.proc import Sight
from tests.bench.processes import Program, Wrong, last_words, stop
from tests.soak.both_ends import complaints, logged
from tests.soak.caller import Callers, Seen
from tests.soak.house import House, opened
from tests.soak.kinds import Kind, hundred
from tests.soak.samples import Sample
from tests.soak.watch import Rest

WARM_UP = 0.02
"""Calls before the first look, as a share: what is made once is made then."""
EVERY = 2.0
"""Seconds between two samples."""
SEED = 7

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """What came of it."""

    calls: int
    seconds: float
    samples: Sequence[Sample]
    before: Rest
    after: Rest
    seen: Seen
    told: Seen
    counted: int
    """Calls that the service's metrics tell of."""
    still_open: int
    """Calls that it takes for open, when there are none any more."""
    complaints: Sequence[str]


def soak(calls: int, folder: Path, tell: Tell) -> Soaked:
    """Runs. Raises Wrong if the service dies."""
    with opened(folder, here()) as house:
        callers = Callers(f"127.0.0.1:{house.service.port}")
        before, after, samples, seconds = asyncio.run(_calls(house, callers, calls, tell))
        metrics = fetched(house.admin)
        if code := stop(house.service):
            raise Wrong(f"the service ended with exit code {code}:\n{last_words(house.service)}")
        with house.service.said.open("rb") as log:
            told = logged(log)
    return Soaked(
        calls=callers.done,
        seconds=seconds,
        samples=samples,
        before=before,
        after=after,
        seen=callers.seen,
        told=told,
        counted=int(total(metrics, "mainstay_calls_total")),
        still_open=int(total(metrics, "mainstay_open_calls")),
        complaints=complaints(callers.seen, told),
    )


async def _calls(house: House, callers: Callers, calls: int, tell: Tell) -> tuple[Rest, Rest, Sequence[Sample], float]:
    endless = cycle(hundred(SEED))
    await callers.make(_some(endless, max(100, round(calls * WARM_UP))))
    before = await house.watch.rest()
    began, samples = time.monotonic(), list[Sample]()
    async with asyncio.TaskGroup() as group:
        sampling = group.create_task(_sample(house.service, callers, samples, tell))
        await callers.make(_some(endless, calls - callers.done))
        sampling.cancel()
    seconds = time.monotonic() - began
    samples.append(_look(house.service, callers, seconds))
    return before, await house.watch.rest(before), samples, seconds


def _some(endless: Iterator[Kind], count: int) -> Iterator[Kind]:
    return islice(endless, count)


async def _sample(service: Program, callers: Callers, samples: list[Sample], tell: Tell) -> None:
    began = time.monotonic()
    while True:
        samples.append(_look(service, callers, time.monotonic() - began))
        tell(f"{callers.done:,} calls")
        await asyncio.sleep(EVERY)


def _look(service: Program, callers: Callers, seconds: float) -> Sample:
    try:
        return Sample(seconds, callers.done, service.cpu(), Sight.of(service.pid))
    except FileNotFoundError:
        raise Wrong(f"the service is gone:\n{last_words(service)}") from None
