"""The tracer of a service whose spans go nowhere: it makes none, but every call has ids for logs and trailers."""

from collections.abc import Sequence
from typing import Any, NoReturn

from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, Tracer, get_current_span
from opentelemetry.util.types import Attributes

from service.telemetry.traces import ids


class SilentTracer(Tracer):
    """Passes the caller's trace on untouched, as OpenTelemetry wants of whoever records nothing.

    So the caller's span is the parent of what the provider records, and no id names a span that does not exist.
    """

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> Span:
        """What stands for the caller's span; for a call without one, a new id that is not sampled."""
        parent = get_current_span(context)
        if parent.get_span_context().is_valid:
            return parent
        return NonRecordingSpan(SpanContext(ids.trace_id(), ids.span_id(), is_remote=False))

    def start_as_current_span(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: no span is ever current (docs/decisions/0003-spans-by-hand.md)."""
        raise NotImplementedError("start the span, put it into the call, and end it")
