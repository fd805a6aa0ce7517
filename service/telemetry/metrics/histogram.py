"""A histogram that takes a quarter of a microsecond for a value, where prometheus_client's takes one.

That one locks twice and looks for the bucket from below, which adds up: five of a call's metrics are histograms. Values
are told by one thread only, the event loop's; any thread may collect.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector


class Spread:
    """One series of a histogram: how many values fell into each bucket, and their sum."""

    __slots__ = ("_bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Takes in a value. A bucket holds what is at most its bound."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.sum += value


class Histogram(Collector):
    """A collector for prometheus_client's registry."""

    def __init__(
        self, name: str, documentation: str, labels: Sequence[str], *, unit: str, buckets: Sequence[float]
    ) -> None:
        """`name` ends with the unit; the infinite bucket goes without saying."""
        self._family = partial(HistogramMetricFamily, name, documentation, labels=labels, unit=unit)
        self._bounds = tuple(map(float, buckets))
        self._les = [*map(str, self._bounds), "+Inf"]
        self._series: dict[tuple[str, ...], Spread] = {}

    def labels(self, *values: str) -> Spread:
        """The series with these labels."""
        series = self._series.get(values)
        if series is None:
            series = self._series[values] = Spread(self._bounds)
        return series

    def describe(self) -> Iterable[Metric]:
        """The metric without its series."""
        return [self._family()]

    def collect(self) -> Iterable[Metric]:
        """All series, as they are now."""
        family = self._family()
        for values, series in self._series.copy().items():
            below = accumulate(series.counts)
            family.add_metric(values, list(zip(self._les, below, strict=True)), series.sum)
        return [family]
