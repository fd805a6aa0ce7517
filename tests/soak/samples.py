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


def growth(samples: Sequence[Sample], last: float) -> float:
    """MB by which the memory grew over the last part of the run, a share of it, along the line that fits best."""
    since = samples[-1].seconds * (1 - last)
    late = [sample for sample in samples if sample.seconds >= since]
    if len(late) < 3:
        return 0.0
    line = linear_regression([sample.seconds for sample in late], [sample.sight.rss for sample in late])
    return line.slope * (late[-1].seconds - late[0].seconds) / MB


def load(samples: Sequence[Sample]) -> float:
    """Share of one CPU that the service took, from the first sample to the last."""
    first, last = samples[0], samples[-1]
    return (last.cpu - first.cpu) / (last.seconds - first.seconds)


def thinned(samples: Sequence[Sample], rows: int) -> Sequence[Sample]:
    """About as many, evenly, the first and the last among them."""
    if len(samples) <= rows:
        return samples
    return [samples[round(row * (len(samples) - 1) / (rows - 1))] for row in range(rows)]
