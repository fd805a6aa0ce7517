"""Trace context in from callers and out to providers, and the tracer that makes our spans.

Until an exporter is configured nothing is recorded: spans then only carry the ids that logs and trailers show.
"""

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from service.chat.call import Call

_w3c = TraceContextTextMapPropagator()


def tracer(version: str) -> Tracer:
    """Makes spans that are not recorded but have ids."""
    provider = TracerProvider(resource=Resource({"service.name": "mainstay"}), sampler=ALWAYS_OFF)
    return provider.get_tracer("mainstay", version)


def extract(metadata: dict[str, str]) -> Context:
    """The trace that the caller is part of; empty if it names none."""
    return _w3c.extract(metadata, Context())


def inject(call: Call) -> dict[str, str]:
    """The headers by which a provider can join the call's trace."""
    headers: dict[str, str] = {}
    _w3c.inject(headers, call.context)
    return headers
