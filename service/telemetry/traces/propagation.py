"""Trace context in from callers and out to providers, in the formats that were chosen.

The trace alone: baggage is what callers tell each other, and no business of a provider's.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from opentelemetry.context import Context
from opentelemetry.propagators.textmap import TextMapPropagator
from opentelemetry.trace import Span, get_current_span, set_span_in_context

from service.telemetry.traces import w3c
from service.telemetry.traces.b3 import decided

Extract = Callable[[dict[str, str]], Context]
Inject = Callable[[Span], dict[str, str]]


class Propagation(NamedTuple):
    """How a trace is read from metadata, and named in headers. Neither raises."""

    extract: Extract
    inject: Inject


def propagation(names: Sequence[str]) -> Propagation:
    """By names as OTEL_PROPAGATORS has them. Of several the first that a caller used counts; providers are told all."""
    formats = [_format(name) for name in names]
    if len(formats) == 1:
        return formats[0]

    def extract(metadata: dict[str, str]) -> Context:
        for one in formats:
            if context := one.extract(metadata):
                return context
        return Context()

    def inject(span: Span) -> dict[str, str]:
        headers: dict[str, str] = {}
        for one in formats:
            headers.update(one.inject(span))
        return headers

    return Propagation(extract, inject)


def _format(name: str) -> Propagation:
    if name == "tracecontext":
        return Propagation(w3c.extract, w3c.inject)
    return _adapted(_library(name), decided if name in ("b3", "b3multi") else _undecided)


def _library(name: str) -> TextMapPropagator:
    match name:
        case "b3":
            from opentelemetry.propagators.b3 import B3SingleFormat

            return B3SingleFormat()
        case "b3multi":
            from opentelemetry.propagators.b3 import B3MultiFormat

            return B3MultiFormat()
        case "jaeger":
            from opentelemetry.propagators.jaeger import JaegerPropagator

            return JaegerPropagator()
    raise ValueError(f"no propagator {name!r}")


def _undecided(metadata: dict[str, str]) -> Context:
    return Context()


def _adapted(library: TextMapPropagator, without_trace: Extract) -> Propagation:
    """`without_trace` reads what a caller says that names no trace."""

    def extract(metadata: dict[str, str]) -> Context:
        span = get_current_span(library.extract(metadata, Context()))
        named = span.get_span_context().is_valid
        return set_span_in_context(span, Context()) if named else without_trace(metadata)

    def inject(span: Span) -> dict[str, str]:
        headers: dict[str, str] = {}
        if span.get_span_context().is_valid:
            library.inject(headers, set_span_in_context(span, Context()))
        return headers

    return Propagation(extract, inject)
