"""A whole bench: opens the house, looks that it is sound, measures, and looks again."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.cpus import Cpus, here
from tests.bench.evidence import ended_calls, expect_calls, expect_one_request, expect_share_of_spans
from tests.bench.exposition import fetched, total
from tests.bench.house import House, opened
from tests.bench.measurements import Key, Kind, Plan, Run, Sizes
from tests.bench.memory import Holding
from tests.bench.processes import Wrong, last_words, stop
from tests.bench.receiver import received
from tests.bench.rounds import Bench, Rounds, Sent, Tell
from tests.bench.services import Service
from tests.bench.tools import Tools
from tests.bench.verify import CALLS, expect, verify_references, verify_service


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be measured."""

    tools: Tools
    folder: Path
    """Emptied, and then holds configurations, logs and bodies."""
    sizes: Sizes
    kinds: Collection[Kind]
    services: Sequence[Service]
    """The first is the one that all kinds are measured of; the others only show what telemetry costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What came out."""

    cpus: Cpus
    runs: Sequence[Run]
    rounds: Rounds
    holdings: Mapping[str, Holding]


def measure(wanted: Wanted, tell: Tell) -> Measured:
    """Measures. Raises Wrong if the numbers would not mean what they seem to."""
    plan = Plan(wanted.tools, wanted.folder, wanted.sizes, wanted.services[0])
    runs = list(plan.of_services(wanted.services) if len(wanted.services) > 1 else plan.round(wanted.kinds))
    cpus = here()
    with opened(wanted.tools, wanted.folder, cpus, wanted.services) as house:
        bench = Bench(house, tell)
        idle = {name: program.rss() for name, program in house.measured.items()}
        first = {run.key.program: bench.first_call(run) for run in _unary(plan, wanted.services)}
        tell("one call of each kind, looked at closely")
        asyncio.run(_verify(house, wanted.services))
        bench.warm_up(runs, wanted.sizes.warm_up)
        rounds = bench.rounds(runs, wanted.sizes.rounds)
        after = {name: program.rss() for name, program in house.measured.items()}
        _look_back(house, wanted.services, bench.sent)
    holdings = {
        name: Holding(idle=idle[name], after=after[name], first=first[name], steady=_steady(rounds, name))
        for name in house.measured
    }
    return Measured(cpus=cpus, runs=runs, rounds=rounds, holdings=holdings)


def _unary(plan: Plan, services: Sequence[Service]) -> Sequence[Run]:
    """A unary run of every program."""
    by_program = {run.key.program: run for run in [*plan.round([Kind.UNARY]), *plan.of_services(services)]}
    return list(by_program.values())


async def _verify(house: House, services: Sequence[Service]) -> None:
    await verify_references(house)
    for service in services:
        await verify_service(house.measured[service.value].port)


def _steady(rounds: Rounds, program: str) -> float | None:
    alone = [taken[key].load.p50 for taken in rounds if (key := Key(Kind.ALONE, program)) in taken]
    return sorted(alone)[len(alone) // 2] if alone else None


def _look_back(house: House, services: Sequence[Service], sent: Sent) -> None:
    """Ends the services, and compares what they tell with what was sent. Raises Wrong."""
    expect_one_request(house.counted.passed, len(services))
    for service in services:
        program, calls = house.measured[service.value], _by_route(service.value, sent)
        counted = total(fetched(house.admin[service.value]), "mainstay_calls_total")
        expect("calls that the metrics tell of", counted, float(sum(calls.values())))
        if code := stop(program):
            raise Wrong(f"the {program.name} ended with exit code {code}:\n{last_words(program)}")
        with program.said.open("rb") as log:
            expect_calls(ended_calls(log), calls)
    exporting = [service.value for service in services if service.exports]
    exported = sum(sum(_by_route(name, sent).values()) for name in exporting)
    got = received(house.receiver.said)
    expect_share_of_spans(got["roots"], exported)
    expect("whether metrics were pushed", got["points"] > 0, True)


def _by_route(program: str, sent: Sent) -> Mapping[str, int]:
    """Calls that a service got, on those routes that it got any on; those that looked closely too."""
    by_route = {route: count for (name, route), count in sent.items() if name == program}
    return {route: by_route.get(route, 0) + CALLS[route] for route in CALLS}
