"""Calls without spans still have ids."""

from opentelemetry.context import Context
from opentelemetry.trace import Tracer, get_current_span, set_span_in_context

from service.telemetry.traces import w3c
from service.telemetry.traces.silent import SilentTracer

TRACER: Tracer = SilentTracer()


def test_the_callers_trace_goes_through_untouched() -> None:
    headers = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    span = TRACER.start_span("root", w3c.extract(headers))
    assert not span.is_recording()
    assert w3c.inject(span) == headers


def test_a_call_without_a_trace_begins_one_that_is_not_sampled() -> None:
    span, other = TRACER.start_span("root", Context()), TRACER.start_span("root", Context())
    context = span.get_span_context()
    assert context.is_valid
    assert not context.trace_flags.sampled
    assert context.trace_id != other.get_span_context().trace_id
    assert TRACER.start_span("child", set_span_in_context(span)) is get_current_span(set_span_in_context(span))
