"""The service over time, and whether it grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression

from tests.bench.proc import Sight

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """The service at one moment of the run."""

    seconds: float
    calls: int
    """Ended so far."""
    cpu: float
    """CPU seconds so far."""
    sight: Sight


def second_half(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Those after half of the calls."""
    half = samples[-1].calls / 2
    return [sample for sample in samples if sample.calls >= half]


def growth(samples: Sequence[Sample]) -> float:
    """MB by which the memory grew over the second half, along the line that fits it best."""
    late = second_half(samples)
    if len(late) < 3:
        return 0.0
    line = linear_regression([sample.seconds for sample in late], [sample.sight.rss for sample in late])
    return line.slope * (late[-1].seconds - late[0].seconds) / MB


def thinned(samples: Sequence[Sample], rows: int) -> Sequence[Sample]:
    """About as many, evenly, the first and the last among them."""
    if len(samples) <= rows:
        return samples
    return [samples[round(row * (len(samples) - 1) / (rows - 1))] for row in range(rows)]
