"""Spans, recorded in memory, with a count of those that are open."""

from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.trace import Tracer


class SpanBook(SpanProcessor):
    """Every span that ended, and how many did not."""

    def __init__(self) -> None:
        self.ended: list[ReadableSpan] = []
        self.open = 0
        """How many did not end, the test's own root aside."""
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(self)
        self.tracer: Tracer = provider.get_tracer("tests")
        self.root = self.tracer.start_span("the test's root")
        self.open = 0

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Counts."""
        self.open += 1

    def on_end(self, span: ReadableSpan) -> None:
        """Counts, and keeps."""
        self.open -= 1
        self.ended.append(span)

    def named(self, beginning: str) -> ReadableSpan:
        """The one ended span whose name begins so."""
        (span,) = [span for span in self.ended if span.name.startswith(beginning)]
        return span
