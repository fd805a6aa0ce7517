"""What the service tells the outside about its calls, in one piece.

calls ──▶ began, observe, ended ──┬──▶ log lines
                                  ├──▶ metrics
      ──▶ tracer ─────────────────┴──▶ spans
"""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, replace

from opentelemetry.context import Context
from opentelemetry.trace import Tracer

from service.chat.call import Call
from service.chat.record import Record
from service.pipeline.facts import Fact, Observe
from service.telemetry import access, observer
from service.telemetry.metrics.metrics import Measuring, Metrics, metrics
from service.telemetry.metrics.readings import Readings
from service.telemetry.resource import resource
from service.telemetry.together import ended_together
from service.telemetry.traces import events
from service.telemetry.traces.content import Content
from service.telemetry.traces.options import TraceOptions
from service.telemetry.traces.silent import SilentTracer
from service.telemetry.traces.traces import Traces, traces

NO_TRACES = TraceOptions()


def _nobody_reads(readings: Readings) -> None:
    """There are no metrics."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telemetry:
    """Whom to tell. Nothing here raises or waits."""

    tracer: Tracer
    extract: Callable[[dict[str, str]], Context]
    """The trace that a caller is part of, from its metadata; empty if it names none."""
    inject: Callable[[Call], Mapping[str, str]]
    """The headers by which a provider can join the call's trace."""
    observe: Observe
    content: Content | None = None
    """The layer that records what was said; None: nobody asked for it."""
    began: Callable[[str], None]
    """Is told the method of each call that comes in."""
    ended: Callable[[Record], None]
    """Is told of each call once, when its outcome is known."""
    heard: Callable[[Call, float], None] | None = None
    """Is told the seconds between two reads of a provider's stream that brought deltas."""
    spans_dropped: Callable[[], int] = lambda: 0
    """Spans that could not be exported because too many waited, so far."""
    watch: Callable[[Readings], None] = _nobody_reads
    """Is told where to read what is not counted."""
    exposition: Callable[[str], tuple[str, bytes]] | None = None
    """All metrics for an Accept header: the content type, and the text. None: there are none."""


@asynccontextmanager
async def telemetry(
    version: str, measuring: Measuring | None = None, tracing: TraceOptions = NO_TRACES
) -> AsyncIterator[Telemetry]:
    """Open as long as calls are. Without `measuring` there are no metrics; without `tracing` no spans, but ids."""
    who = resource(version)  # one for both, so that a collector knows spans and metrics for those of one process
    counting = nullcontext() if measuring is None else metrics(who, measuring)
    async with ended_together(traces(who, version, tracing), counting) as (made, counted):
        told = Telemetry(
            tracer=made.tracer,
            extract=made.extract,
            inject=lambda call: made.inject(call.span),
            observe=_observe(made),
            content=made.content,
            began=lambda method: None,
            ended=access.tell,
            spans_dropped=made.dropped,
        )
        yield told if counted is None else _counted(told, counted)


def _observe(made: Traces) -> Observe:
    """Lines, and events of spans where there are any."""
    if isinstance(made.tracer, SilentTracer):
        return observer.observe

    def observe(call: Call, fact: Fact) -> None:
        observer.observe(call, fact)
        events.observe(call, fact)

    return observe


def _counted(told: Telemetry, counted: Metrics) -> Telemetry:
    """The same, with all that is told counted, too."""

    def observe(call: Call, fact: Fact) -> None:
        told.observe(call, fact)
        counted.observe(call, fact)

    def ended(record: Record) -> None:
        told.ended(record)
        counted.ended(record)

    return replace(
        told,
        observe=observe,
        began=counted.began,
        ended=ended,
        heard=counted.heard,
        watch=counted.watch,
        exposition=counted.exposition,
    )
