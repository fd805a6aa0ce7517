"""The instruments that count, made from the table. They belong to one registry: nothing is shared by the process."""

from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge

from service.telemetry.metrics.histogram import Histogram, Spread
from service.telemetry.metrics.instrument import Instrument, Kind, prometheus_label
from service.telemetry.metrics.table import TABLE

Metric = Counter | Gauge | Histogram


class Instruments:
    """Every row of the table, ready to count.

    What is given for a row gives its series by their labels' values. Whoever asks sees to it that these are bounded,
    and keeps the series: to ask takes longer than to count.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._metrics = {instrument: _made(instrument, self.registry) for instrument in TABLE}

    def counter(self, instrument: Instrument) -> Callable[..., Counter]:
        """The series of a counter."""
        counter = self._metrics[instrument]
        assert isinstance(counter, Counter)
        constants = _values(instrument)
        return lambda *values: counter.labels(*constants, *values) if instrument.labels else counter

    def gauge(self, instrument: Instrument) -> Callable[..., Gauge]:
        """The series of a gauge, or of a counter that goes up and down."""
        gauge = self._metrics[instrument]
        assert isinstance(gauge, Gauge)
        constants = _values(instrument)
        return lambda *values: gauge.labels(*constants, *values) if instrument.labels else gauge

    def histogram(self, instrument: Instrument) -> Callable[..., Spread]:
        """The series of a histogram."""
        histogram = self._metrics[instrument]
        assert isinstance(histogram, Histogram)
        constants = _values(instrument)
        return lambda *values: histogram.labels(*constants, *values)

    def __iter__(self) -> Iterator[tuple[Instrument, Metric]]:
        return iter(self._metrics.items())


def _values(instrument: Instrument) -> tuple[str, ...]:
    return tuple(value for _, value in instrument.constants)


def _made(instrument: Instrument, registry: CollectorRegistry) -> Metric:
    name, labels, unit = instrument.family, [*map(prometheus_label, instrument.labels)], instrument.prometheus_unit
    match instrument.kind:
        case Kind.COUNTER:
            return Counter(name, instrument.question, labels, unit=unit, registry=registry)
        case Kind.UP_DOWN | Kind.GAUGE:
            return Gauge(name, instrument.question, labels, unit=unit, registry=registry)
        case Kind.HISTOGRAM:
            histogram = Histogram(name, instrument.question, labels, unit=unit, buckets=instrument.buckets)
            registry.register(histogram)
            return histogram
