"""Many rounds as one number, and how far apart they were."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some values, and half of the range that holds the middle half of them."""

    median: float
    half: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Of at least one value; one alone tells nothing of its noise."""
        if len(values) < 2:
            return cls(values[0], 0.0)
        lower, _, upper = quantiles(values, n=4, method="inclusive")
        return cls(median(values), (upper - lower) / 2)

    @property
    def noise(self) -> float:
        """The half range as a share of the median."""
        return self.half / abs(self.median) if self.median else 0.0


def ratio(over: Sequence[float], under: Sequence[float]) -> Spread:
    """Of the ratios round by round: what slows both down in one round is not noise. Equally many, none zero."""
    return Spread.of([a / b for a, b in zip(over, under, strict=True)])


def difference(more: Sequence[float], less: Sequence[float]) -> Spread:
    """Of the differences round by round."""
    return Spread.of([a - b for a, b in zip(more, less, strict=True)])
