"""What exporters take, made of what was held, once it is known that somebody will see it."""

from collections.abc import Callable, Sequence

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, TraceFlags

from service.telemetry.traces.held import HeldSpan


class Finished(ReadableSpan):
    """A span as the SDK's exporters know it; what was dropped is counted."""

    def __init__(self, span: HeldSpan, resource: Resource, scope: InstrumentationScope) -> None:
        super().__init__(
            name=span.name,
            context=_exported(span.get_span_context()),
            parent=span.parent,
            resource=resource,
            attributes=span.described(),
            events=span.events,
            links=span.links,
            kind=span.kind,
            status=span.status,
            start_time=span.started,
            end_time=span.ended,
            instrumentation_scope=scope,
        )
        self._dropped_events = span.dropped_events
        self._dropped_links = span.dropped_links

    @property
    def dropped_events(self) -> int:
        return self._dropped_events

    @property
    def dropped_links(self) -> int:
        return self._dropped_links


def finisher(resource: Resource, scope: InstrumentationScope) -> Callable[[Sequence[HeldSpan]], Sequence[ReadableSpan]]:
    """Makes what is exported of what a call lets go; its root says why, and for how many spans there was no room."""

    def finished(spans: Sequence[HeldSpan]) -> Sequence[ReadableSpan]:
        root = spans[-1]
        if root.is_root:
            root.attributes["mainstay.kept"] = root.hold.kept
            if root.hold.dropped_spans:
                root.attributes["mainstay.dropped_spans"] = root.hold.dropped_spans
        return [Finished(span, resource, scope) for span in spans]

    return finished


def _exported(context: SpanContext) -> SpanContext:
    """Marked as sampled, which is what makes the SDK take it: a call that went wrong was not, until it did."""
    flags = context.trace_flags
    if flags.sampled:
        return context
    sampled = TraceFlags(flags | TraceFlags.SAMPLED)
    return SpanContext(context.trace_id, context.span_id, context.is_remote, sampled, context.trace_state)
