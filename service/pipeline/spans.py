"""Child spans, made only where the parent is recorded: a call that nobody will look at costs none."""

from collections.abc import Mapping

from opentelemetry.trace import Span, SpanKind, Tracer, get_current_span, set_span_in_context

from service.chat.call import Call, changed


def child_of(call: Call, tracer: Tracer, name: str, attributes: Mapping[str, str]) -> Span:
    """A span below the call's; the call's own, which ignores all that is said to it, if that is not recorded."""
    parent = get_current_span(call.context)
    if not parent.is_recording():
        return parent
    return tracer.start_span(name, call.context, SpanKind.INTERNAL, attributes)


def below(call: Call, span: Span) -> Call:
    """The call with `span` as the parent of whatever happens next."""
    return changed(call, context=set_span_in_context(span, call.context)) if span.is_recording() else call
