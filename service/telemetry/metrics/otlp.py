"""The same metrics as OpenTelemetry has them: under their own names, without the labels that are not there."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from service.telemetry.metrics.instrument import Instrument, Kind, prometheus_label
from service.telemetry.metrics.instruments import Instruments

CUMULATIVE = AggregationTemporality.CUMULATIVE
Labels = tuple[tuple[str, str], ...]
"""By their Prometheus names, as samples have them."""


class Otlp:
    """Makes what an exporter sends. Any thread may ask."""

    def __init__(
        self, instruments: Instruments, resource: Resource, version: str, now: Callable[[], int] = time.time_ns
    ) -> None:
        """`now` is Unix time in nanoseconds; counting began when this was made."""
        self._instruments = instruments
        self._resource = resource
        self._scope = InstrumentationScope("mainstay", version)
        self._now = now
        self._start = now()

    def collect(self) -> MetricsData:
        """Everything that was counted so far."""
        now = self._now()
        metrics = [self._metric(instrument, collected, now) for instrument, collected in self._samples()]
        scope = ScopeMetrics(self._scope, metrics, schema_url="")
        return MetricsData([ResourceMetrics(self._resource, [scope], schema_url="")])

    def _samples(self) -> Iterator[tuple[Instrument, "_Collected"]]:
        for instrument, metric in self._instruments:
            collected = _Collected()
            for family in metric.collect():
                for sample in family.samples:
                    collected.add(sample.name.removeprefix(family.name), sample.labels, sample.value)
            yield instrument, collected

    def _metric(self, instrument: Instrument, collected: "_Collected", now: int) -> Metric:
        names = {prometheus_label(label): label for label in instrument.labels}
        point = _Points(names, self._start, now)
        data: Sum | Gauge | Histogram
        match instrument.kind:
            case Kind.COUNTER | Kind.UP_DOWN:
                points = [point.whole(labels, value) for labels, value in collected.values.items()]
                data = Sum(points, CUMULATIVE, is_monotonic=instrument.kind is Kind.COUNTER)
            case Kind.GAUGE:
                data = Gauge([point.momentary(labels, value) for labels, value in collected.values.items()])
            case Kind.HISTOGRAM:
                buckets = collected.buckets.items()
                data = Histogram(
                    [point.spread(labels, below, collected.values[labels]) for labels, below in buckets], CUMULATIVE
                )
        return Metric(instrument.name, instrument.question, instrument.unit, data)


@dataclass(slots=True)
class _Collected:
    """The samples of one metric, by their labels."""

    values: dict[Labels, float] = field(default_factory=dict)
    """Of a histogram, the sum."""
    buckets: dict[Labels, list[tuple[float, float]]] = field(default_factory=dict)
    """Of a histogram: each upper bound, and how many values were at most that."""

    def add(self, suffix: str, labels: dict[str, str], value: float) -> None:
        if suffix == "_bucket":
            key = tuple((name, label) for name, label in labels.items() if name != "le")
            self.buckets.setdefault(key, []).append((float(labels["le"]), value))
        elif suffix in ("", "_total", "_sum"):
            self.values[tuple(labels.items())] = value


@dataclass(frozen=True, slots=True)
class _Points:
    """Makes the data points of one metric."""

    names: dict[str, str]
    start: int
    now: int

    def whole(self, labels: Labels, value: float) -> NumberDataPoint:
        return NumberDataPoint(self._attributes(labels), self.start, self.now, int(value))

    def momentary(self, labels: Labels, value: float) -> NumberDataPoint:
        return NumberDataPoint(self._attributes(labels), 0, self.now, value)

    def spread(self, labels: Labels, below: list[tuple[float, float]], total: float) -> HistogramDataPoint:
        counts = [count for _, count in below]
        return HistogramDataPoint(
            attributes=self._attributes(labels),
            start_time_unix_nano=self.start,
            time_unix_nano=self.now,
            count=int(counts[-1]),
            sum=total,
            bucket_counts=[int(upper - lower) for lower, upper in pairwise([0.0, *counts])],
            explicit_bounds=[bound for bound, _ in below[:-1]],
            min=None,  # type: ignore[arg-type]  # unknown, which the protocol has and the annotation lacks
            max=None,  # type: ignore[arg-type]
        )

    def _attributes(self, labels: Iterable[tuple[str, str]]) -> dict[str, str]:
        return {self.names[name]: value for name, value in labels if value}
