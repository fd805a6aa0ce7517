"""Which requests a fault strikes; pure, so that a sequence can be told beforehand."""

from dataclasses import dataclass
from random import Random

from service.simulator.faults import Fault


@dataclass(frozen=True, slots=True)
class Always:
    """Strikes every request."""


@dataclass(frozen=True, slots=True)
class First:
    """Strikes the first N requests."""

    requests: int


@dataclass(frozen=True, slots=True)
class Every:
    """Strikes every Nth request."""

    nth: int


@dataclass(frozen=True, slots=True)
class Chance:
    """Strikes with a probability; the same seed gives the same sequence."""

    probability: float


When = Always | First | Every | Chance


def strikes(when: When, number: int, seed: str) -> bool:
    """Whether request `number` (from 1) is struck; `seed` keeps the dice of two rules apart."""
    match when:
        case Always():
            return True
        case First(requests):
            return number <= requests
        case Every(nth):
            return number % nth == 0
        case Chance(probability):
            return Random(f"{seed}/{number}").random() < probability


@dataclass(frozen=True, slots=True)
class Conditional:
    """Faults that strike only some requests."""

    when: When
    faults: tuple[Fault, ...]
