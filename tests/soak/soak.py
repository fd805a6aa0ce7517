"""A whole soak: opens what it needs, calls, watches, and compares both ends."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, takewhile
from pathlib import Path

from service.chat.tasks import give_up
from tests.bench.cpus import here
from tests.bench.exposition import by_label, fetched, total
from tests.bench.proc import Sight
from tests.bench.processes import Program, Wrong, last_words, stop
from tests.soak.both_ends import complaints, logged
from tests.soak.caller import Callers, Seen
from tests.soak.house import House, opened
from tests.soak.kinds import Kind, shuffled
from tests.soak.plan import Plan
from tests.soak.samples import Sample
from tests.soak.watch import Rest

WARM_UP, MOST_WARM_UP = 0.02, 4000
"""Calls before the first look, as a share, and at most: what is made once is made then."""
EVERY = 2.0
"""Seconds between two samples."""
SEED = 7

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """What came of it."""

    plan: Plan
    calls: int
    samples: Sequence[Sample]
    before: Rest
    after: Rest
    seen: Seen
    told: Seen
    counted: int
    """Calls that the service's metrics tell of."""
    still_open: int
    """Calls that it takes for open, when there are none any more."""
    attempts: Counter[str]
    """Requests to the provider by kind of failure; empty: none."""
    happened: Mapping[str, int]
    """What else the metrics tell of, how often."""
    broken: Mapping[str, int]
    """Answers that the provider broke because it was told to, by model."""
    complaints: Sequence[str]


def soak(plan: Plan, folder: Path, tell: Tell) -> Soaked:
    """Runs. Raises Wrong if the service dies."""
    with opened(plan, folder, here()) as house:
        callers = Callers(f"127.0.0.1:{house.service.port}", plan.at_once)
        before, after, samples = asyncio.run(_calls(house, callers, plan, tell))
        metrics, broken = fetched(house.admin), house.broken()
        if code := stop(house.service):
            raise Wrong(f"the service ended with exit code {code}:\n{last_words(house.service)}")
        with house.service.said.open("rb") as log:
            told = logged(log)
    return Soaked(
        plan=plan,
        calls=callers.done,
        samples=samples,
        before=before,
        after=after,
        seen=callers.seen,
        told=told,
        counted=int(total(metrics, "mainstay_calls_total")),
        still_open=int(total(metrics, "mainstay_open_calls")),
        attempts=by_label(metrics, "mainstay_attempts_total", "error_type"),
        happened=_happened(metrics),
        broken=broken,
        complaints=complaints(plan.kinds, callers.seen, told),
    )


def _happened(metrics: str) -> Mapping[str, int]:
    changes = by_label(metrics, "mainstay_circuit_changes_total", "mainstay_state")
    return {
        "retries": int(total(metrics, "mainstay_retries_total")),
        "fallbacks": int(total(metrics, "mainstay_fallbacks_total")),
        "hedges": int(total(metrics, "mainstay_hedges_total")),
        "recoveries": int(total(metrics, "mainstay_recoveries_total")),
        "circuits opened": changes["open"],
        "circuits closed": changes["closed"],
    }


async def _calls(house: House, callers: Callers, plan: Plan, tell: Tell) -> tuple[Rest, Rest, Sequence[Sample]]:
    endless = cycle(shuffled(plan.kinds, SEED))
    await callers.make(islice(endless, _warm_up(plan)))
    before = await house.watch.rest()
    samples = list[Sample]()
    sampler = _Sampler(house.service, callers, plan.load, samples, tell)
    sampling = asyncio.create_task(sampler.run())
    calling = asyncio.create_task(callers.make(_calls_of(plan, endless, callers)))
    await asyncio.wait([sampling, calling], return_when=asyncio.FIRST_COMPLETED)
    await give_up([sampling, calling])
    await (sampling if sampling.done() and not sampling.cancelled() else calling)
    sampler.look()
    return before, await house.watch.rest(before), samples


def _warm_up(plan: Plan) -> int:
    return MOST_WARM_UP if plan.calls is None else min(MOST_WARM_UP, max(100, round(plan.calls * WARM_UP)))


def _calls_of(plan: Plan, endless: Iterator[Kind], callers: Callers) -> Iterator[Kind]:
    """As many as there are to be, or as are begun within its time."""
    if plan.seconds is None:
        return islice(endless, (plan.calls or 0) - callers.done)
    end = time.monotonic() + plan.seconds
    return takewhile(lambda _: time.monotonic() < end, endless)


class _Sampler:
    """Looks at the service now and then, and keeps the callers at the pace that makes its load what it should be."""

    def __init__(
        self, service: Program, callers: Callers, load: float | None, samples: list[Sample], tell: Tell
    ) -> None:
        self._service = service
        self._callers = callers
        self._load = load
        self._samples = samples
        self._tell = tell
        self._began = time.monotonic()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            self.look()
            self._keep_up()
            self._tell(f"{self._callers.done:,} calls")
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """Takes a sample. Raises Wrong."""
        seconds, service = time.monotonic() - self._began, self._service
        try:
            sample = Sample(seconds, self._callers.done, service.cpu(), Sight.of(service.pid))
        except FileNotFoundError:
            raise Wrong(f"the service is gone:\n{last_words(service)}") from None
        self._samples.append(sample)

    def _keep_up(self) -> None:
        if self._load is None:
            return
        first, now = self._samples[0], self._samples[-1]
        calls, cpu = now.calls - first.calls, now.cpu - first.cpu
        if not (calls and cpu):  # nothing since the warm-up
            calls, cpu = now.calls, now.cpu
        self._callers.pace.per_second = self._load * calls / cpu
