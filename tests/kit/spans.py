"""Spans, recorded in memory, with a count of those that are open."""

from collections.abc import Sequence
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Span, SpanKind

from service.telemetry.traces.finished import Finished
from service.telemetry.traces.held import HeldSpan
from service.telemetry.traces.holding import HoldingTracer
from service.telemetry.traces.sampling import Head


class SpanBook:
    """Every span that ended, and how many did not."""

    def __init__(self) -> None:
        self.released: list[HeldSpan] = []
        """What would be exported."""
        self.tracer = Recorder(self.released.extend)
        self.root = self.tracer.start_span("the test's root")
        self.tracer.started.clear()

    @property
    def open(self) -> int:
        """How many did not end, the test's own root aside."""
        return sum(span.is_recording() for span in self.tracer.started)

    @property
    def ended(self) -> Sequence[ReadableSpan]:
        """As exporters see them, in the order in which they were started."""
        return [finished(span) for span in self.tracer.started if not span.is_recording()]

    def named(self, beginning: str) -> ReadableSpan:
        """The one ended span whose name begins so."""
        (span,) = [span for span in self.ended if span.name.startswith(beginning)]
        return span


class Recorder(HoldingTracer):
    """The real tracer, which remembers whatever it started; every call is sampled."""

    def __init__(self, release: Any) -> None:
        super().__init__(head=Head(1), slow=3600, release=release)
        self.started: list[HeldSpan] = []

    def start_span(self, *args: Any, **kwargs: Any) -> Span:
        return self._noted(super().start_span(*args, **kwargs))

    def start_child(self, parent: Span, name: str, kind: SpanKind) -> Span:
        return self._noted(super().start_child(parent, name, kind))

    def _noted(self, span: Span) -> Span:
        if isinstance(span, HeldSpan) and span.is_recording():
            self.started.append(span)
        return span


def finished(span: HeldSpan) -> ReadableSpan:
    """As exporters see it."""
    return Finished(span, Resource({}), InstrumentationScope("tests"))
