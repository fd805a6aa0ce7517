"""Traces, put together as the configuration says.

on:   HoldingTracer ──▶ Hold ──▶ finisher ──▶ Outbox ──▶ Watched ──▶ exporter
off:  SilentTracer
"""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Tracer

from service.telemetry.redaction import Mask
from service.telemetry.traces.content import Content
from service.telemetry.traces.exporters import exporter
from service.telemetry.traces.finished import finisher
from service.telemetry.traces.held import HeldSpan
from service.telemetry.traces.holding import HoldingTracer
from service.telemetry.traces.hush import Hush
from service.telemetry.traces.options import TraceOptions
from service.telemetry.traces.outbox import Outbox
from service.telemetry.traces.propagation import Extract, Inject, propagation
from service.telemetry.traces.sampling import Head
from service.telemetry.traces.silent import SilentTracer
from service.telemetry.traces.watched import Watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """How spans are made, and traces told."""

    tracer: Tracer
    extract: Extract
    inject: Inject
    content: Content | None = None
    """The layer that records what was said; None: nobody asked for it."""
    dropped: Callable[[], int] = lambda: 0
    """Spans for which there was no room, so far."""


@asynccontextmanager
async def traces(who: Resource, version: str, options: TraceOptions) -> AsyncIterator[Traces]:
    """Open as long as calls are. What is left when it closes is exported, for at most two seconds."""
    told = propagation(options.propagators)
    with Hush() as hush:
        if options.exporter == "none":
            yield Traces(tracer=SilentTracer(), extract=told.extract, inject=told.inject)
            return
        outbox = Outbox(Watched(exporter(options), hush, options.endpoint))
        finished = finisher(who, InstrumentationScope("mainstay", version))

        def release(spans: Sequence[HeldSpan]) -> None:
            outbox.put(finished(spans))

        try:
            yield Traces(
                tracer=HoldingTracer(head=Head(options.ratio), slow=options.slow, release=release),
                extract=told.extract,
                inject=told.inject,
                content=Content(Mask(options.credentials)) if options.content else None,
                dropped=lambda: outbox.dropped,
            )
        finally:
            if not await outbox.close():
                hush.stay()
