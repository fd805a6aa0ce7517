"""An exporter that says in one line when its collector goes away, and in one when it is back.

    reached ──▶ lost: a line, with why and what was lost
       ▲          │
       └──────────┘ a line: how many spans were lost meanwhile

The libraries would write some lines for each batch, with a traceback now and then.
"""

from collections.abc import Sequence

import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from service.telemetry.traces.hush import Hush

log = structlog.get_logger()


class Watched(SpanExporter):
    """Used by the one thread that exports; its counts may be read by any."""

    def __init__(self, exporter: SpanExporter, hush: Hush, endpoint: str = "") -> None:
        """`endpoint` is where it goes, for people."""
        self._exporter = exporter
        self._hush = hush
        self._where = {"endpoint": endpoint} if endpoint else {}
        self._lost = 0
        self.spans = 0
        """Done with, so far, one way or the other."""
        self.characters = 0
        """In the texts of those."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """As the exporter does. What it raises is told like any other failure, by whoever calls."""
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            self._settle(len(spans), reached=result is SpanExportResult.SUCCESS)
            self.spans += len(spans)
            self.characters += sum(map(characters, spans))
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def _settle(self, spans: int, *, reached: bool) -> None:
        if reached:
            if self._lost:
                log.info("traces are exported again", lost=self._lost)
            self._lost = 0
            return
        if not self._lost:
            log.warning("traces cannot be exported; calls go on", why=self._hush.last or "unknown", **self._where)
        self._lost += spans


def characters(span: ReadableSpan) -> int:
    """In its texts: what its size in memory depends on."""
    return sum(len(value) for value in (span.attributes or {}).values() if isinstance(value, str))
