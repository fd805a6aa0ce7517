"""Child spans, made only where the parent is recorded: a call that nobody will look at costs none."""

from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, Tracer, get_current_span, set_span_in_context

from service.chat.call import Call


def child_of(call: Call, tracer: Tracer, name: str, kind: SpanKind = SpanKind.INTERNAL) -> Span:
    """A span below the call's; the call's own, which ignores all that is said to it, if that is not recorded.

    Ask `is_recording` before you gather what to say: what is said to nobody costs as much.
    """
    parent = get_current_span(call.context)
    return tracer.start_span(name, call.context, kind) if parent.is_recording() else parent


def inside(call: Call, span: Span) -> Context:
    """The context in which `span` is the parent of whatever happens next."""
    return set_span_in_context(span, call.context) if span.is_recording() else call.context
