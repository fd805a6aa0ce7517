"""All metrics in one piece: what may be told to them, and what they tell."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from opentelemetry.sdk.resources import Resource

from service.chat.call import Call
from service.chat.record import Record
from service.pipeline.facts import Observe
from service.telemetry.metrics import table
from service.telemetry.metrics.attempts import Attempts
from service.telemetry.metrics.calls import Calls
from service.telemetry.metrics.exporter import otlp
from service.telemetry.metrics.exposition import Exposition
from service.telemetry.metrics.instruments import Instruments
from service.telemetry.metrics.known import Known
from service.telemetry.metrics.otlp import Otlp
from service.telemetry.metrics.pulse import Pulse
from service.telemetry.metrics.push import Push, pushing
from service.telemetry.metrics.readings import Gauges, Readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Measuring:
    """What is measured, and whom it is pushed to."""

    known: Known = field(default_factory=Known)
    interval: float | None = None
    """Seconds between two pushes over OTLP. None: there are none."""
    protocol: str = "grpc"
    """As in OTEL_EXPORTER_OTLP_PROTOCOL."""
    endpoint: str = ""
    """Where the collector is, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """Whom to tell. Nothing here raises or waits."""

    observe: Observe
    began: Callable[[str], None]
    ended: Callable[[Record], None]
    heard: Callable[[Call, float], None]
    watch: Callable[[Readings], None]
    exposition: Callable[[str], tuple[str, bytes]]


@asynccontextmanager
async def metrics(who: Resource, measuring: Measuring) -> AsyncIterator[Metrics]:
    """Open as long as calls are. `who` is what is told to a collector of us."""
    known = measuring.known
    instruments = Instruments()
    calls, attempts, gauges = Calls(instruments, known), Attempts(instruments, known), Gauges(instruments, known)
    with Pulse(instruments.histogram(table.LOOP_LAG)().observe, gauges.read, time.monotonic):
        async with pushing(_push(instruments, who, measuring)):
            yield Metrics(
                observe=attempts.observe,
                began=calls.began,
                ended=calls.ended,
                heard=attempts.heard,
                watch=gauges.watch,
                exposition=Exposition(instruments.registry).text,
            )


def _push(instruments: Instruments, who: Resource, measuring: Measuring) -> Push | None:
    if measuring.interval is None:
        return None
    collect = Otlp(instruments, who, measuring.known.version).collect
    return Push(collect, partial(otlp, measuring.protocol), measuring.interval, measuring.endpoint)
