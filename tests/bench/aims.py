"""The ratios that `make bench` is for, and what they are to be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.measurements import ECHO, RELAY, Key, Kind
from tests.bench.spread import Spread, difference, ratio

Costs = Mapping[Key, Sequence[float]]
"""CPU microseconds per call or chunk, round by round."""


@dataclass(frozen=True, slots=True)
class Aim:
    """A ratio of two rows, or their difference in microseconds; `most` is the largest that is good."""

    name: str
    says: str
    over: Key
    under: Key
    most: float


@dataclass(frozen=True, slots=True)
class Result:
    """What came out. `found` is None if one of the two was not measured."""

    aim: Aim
    found: Spread | None

    @property
    def missed(self) -> bool:
        return self.found is not None and self.found.median > self.aim.most


def ratios(us: str) -> Sequence[Aim]:
    """Of the service of that name."""
    unary, echo = Key(Kind.UNARY, us), Key(Kind.UNARY, ECHO)
    return (
        Aim("echo_ratio", "unary call / echo's", unary, echo, 3.8),
        Aim("relay_ratio", "unary call / relay's", unary, Key(Kind.UNARY, RELAY), 2.3),
        Aim("burst_ratio", "burst of 200 chunks / own unary call", Key(Kind.BURST, us), unary, 3.0),
        Aim("cache_ratio", "answer from the cache / echo's", Key(Kind.CACHE, us), echo, 1.6),
        Aim("paced_ratio", "paced chunk / relay's", Key(Kind.PACED, us), Key(Kind.PACED, RELAY), 1.4),
    )


def judged_ratios(aims: Sequence[Aim], costs: Costs) -> Sequence[Result]:
    """Each aim with its ratio, if it was measured."""
    return [Result(aim, ratio(costs[aim.over], costs[aim.under]) if _measured(aim, costs) else None) for aim in aims]


def judged_differences(aims: Sequence[Aim], costs: Costs) -> Sequence[Result]:
    """Each aim with its difference, if it was measured."""
    return [
        Result(aim, difference(costs[aim.over], costs[aim.under]) if _measured(aim, costs) else None) for aim in aims
    ]


def _measured(aim: Aim, costs: Costs) -> bool:
    return aim.over in costs and aim.under in costs


def last_line(results: Sequence[Result]) -> str:
    """For machines; a dash for what was not measured."""
    values = [f"{result.aim.name}={_number(result)}" for result in results]
    return f"bench: {' '.join(values)}"


def _number(result: Result) -> str:
    return f"{result.found.median:.2f}" if result.found else "-"
