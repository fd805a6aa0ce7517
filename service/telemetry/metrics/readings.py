"""What is not counted but read, on the event loop, where whatever is read may also change."""

from collections.abc import Callable
from dataclasses import dataclass

from prometheus_client import Counter

from service.chat.target import Target
from service.pipeline.genai import PROVIDERS
from service.telemetry.metrics import table
from service.telemetry.metrics.instruments import Instruments
from service.telemetry.metrics.known import Known


def _none() -> int:
    return 0


def _closed(target: Target) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """How a target's limits are doing."""

    waiting: int
    in_flight: int
    free: float
    """How much of the tightest limit, from 0 to 1."""


def _idle(target: Target) -> Lease:
    return Lease(waiting=0, in_flight=0, free=1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Where to read."""

    budget_fill: Callable[[Target], float]
    """How full a target's budget of retries is, from 0 to 1."""
    circuit_open: Callable[[Target], bool] = _closed
    """Whether a target is passed over."""
    lease: Callable[[Target], Lease] = _idle
    cache_entries: Callable[[], int]
    cache_bytes: Callable[[], int]
    log_dropped: Callable[[], int] = _none
    """Log lines lost since the start."""
    spans_dropped: Callable[[], int] = _none
    """Spans lost since the start."""


class Gauges:
    """Shows what was read last. Until somebody says where to read, what is known from the beginning."""

    def __init__(self, instruments: Instruments, known: Known) -> None:
        fill = instruments.gauge(table.BUDGET_FILL)
        is_open = instruments.gauge(table.CIRCUIT_OPEN)
        names = {target: (PROVIDERS.get(target.provider, target.provider), target.model) for target in known.targets}
        self._budget_fills = {target: fill(*labels) for target, labels in names.items()}
        self._circuits = {target: is_open(*labels) for target, labels in names.items()}
        self._leases = {target: _LeaseGauges(instruments, labels) for target, labels in names.items()}
        self._entries = instruments.gauge(table.CACHE_ENTRIES)()
        self._bytes = instruments.gauge(table.CACHE_SIZE)()
        self._lines = _Total(instruments.counter(table.LOG_DROPPED)())
        self._spans = _Total(instruments.counter(table.SPANS_DROPPED)())
        self._readings: Readings | None = None
        usable = instruments.gauge(table.PROVIDER_USABLE)
        for provider, can_be_asked in known.providers.items():
            usable(PROVIDERS.get(provider, provider)).set(can_be_asked)
        instruments.gauge(table.CONFIGURATION)(known.version, known.digest).set(1)

    def watch(self, readings: Readings) -> None:
        """Says where to read; reads once."""
        self._readings = readings
        self.read()

    def read(self) -> None:
        """Reads everything."""
        readings = self._readings
        if readings is None:
            return
        self._entries.set(readings.cache_entries())
        self._bytes.set(readings.cache_bytes())
        for target, fill in self._budget_fills.items():
            fill.set(readings.budget_fill(target))
        for target, circuit in self._circuits.items():
            circuit.set(readings.circuit_open(target))
        for target, lease in self._leases.items():
            lease.set(readings.lease(target))
        self._lines.rise(readings.log_dropped())
        self._spans.rise(readings.spans_dropped())


class _LeaseGauges:
    """Of one target."""

    def __init__(self, instruments: Instruments, labels: tuple[str, str]) -> None:
        self._waiting = instruments.gauge(table.LEASE_WAITING)(*labels)
        self._in_flight = instruments.gauge(table.LEASE_IN_FLIGHT)(*labels)
        self._free = instruments.gauge(table.LEASE_FREE)(*labels)

    def set(self, lease: Lease) -> None:
        self._waiting.set(lease.waiting)
        self._in_flight.set(lease.in_flight)
        self._free.set(lease.free)


class _Total:
    """A counter that follows a number which somebody else counts up."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._seen = 0

    def rise(self, to: int) -> None:
        self._counter.inc(to - self._seen)
        self._seen = to
