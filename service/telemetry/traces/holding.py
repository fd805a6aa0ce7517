"""The tracer of a service whose spans go somewhere: it starts spans that are held until their call is over."""

from collections.abc import Sequence
from typing import Any, NoReturn

from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    TraceFlags,
    get_current_span,
)
from opentelemetry.util.types import Attributes

from service.chat.spans import ParentTracer
from service.telemetry.traces import ids
from service.telemetry.traces.held import HeldSpan, Hold, Release
from service.telemetry.traces.sampling import Head

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)
_NOT_SAMPLED = TraceFlags(TraceFlags.DEFAULT)


class HoldingTracer(ParentTracer):
    """A span without a recorded parent in this process begins a call; the others belong to their parent's."""

    def __init__(self, *, head: Head, slow: float, release: Release) -> None:
        """`slow`: a call that took longer, in seconds, is always released."""
        self._head = head
        self._slow = round(slow * 1e9)
        self._release = release

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
        """Never fails. Below a span that is not recorded, or beyond a call's bound, nothing is recorded."""
        parent = get_current_span(context)
        if isinstance(parent, HeldSpan):
            span = self._child(parent, name, kind, start_time)
        elif (above := parent.get_span_context()).is_valid and not above.is_remote:
            return parent
        else:
            span = self._root(above, name, kind, start_time)
        if attributes:
            span.set_attributes(attributes)
        for link in links or ():
            span.add_link(link.context, link.attributes)
        return span

    def start_child(self, parent: Span, name: str, kind: SpanKind) -> Span:
        """Beyond a call's bound nothing is recorded."""
        assert isinstance(parent, HeldSpan)
        return self._child(parent, name, kind, None)

    def _child(self, parent: HeldSpan, name: str, kind: SpanKind, started: int | None) -> Span:
        if not parent.hold.admits():
            return NonRecordingSpan(parent.get_span_context())
        return HeldSpan(parent.hold, name, kind, ids.span_id(), parent, started=started)

    def _root(self, above: SpanContext, name: str, kind: SpanKind, started: int | None) -> HeldSpan:
        trace_id = above.trace_id if above.is_valid else ids.trace_id()
        sampled = self._head.samples(above, trace_id)
        flags = above.trace_flags if above.is_valid else _SAMPLED if sampled else _NOT_SAMPLED
        hold = Hold(trace_id, flags, above.trace_state, sampled=sampled, slow=self._slow, release=self._release)
        hold.admits()
        parent = above if above.is_valid else None
        return HeldSpan(hold, name, kind, ids.span_id(), parent, is_root=True, started=started)

    def start_as_current_span(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: no span is ever current (docs/decisions/0003-spans-by-hand.md)."""
        raise NotImplementedError("start the span, put it into the call, and end it")
