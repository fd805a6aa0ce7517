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


@dataclass(frozen=True, slots=True, kw_only=True)
class Readings:
    """Where to read."""

    budget_fill: Callable[[Target], float]
    """How full a target's budget of retries is, from 0 to 1."""
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
        self._budget_fills = {
            target: fill(PROVIDERS.get(target.provider, target.provider), target.model) for target in known.targets
        }
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
        self._lines.rise(readings.log_dropped())
        self._spans.rise(readings.spans_dropped())


class _Total:
    """A counter that follows a number which somebody else counts up."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter
        self._seen = 0

    def rise(self, to: int) -> None:
        self._counter.inc(to - self._seen)
        self._seen = to
