"""Hands what was counted to a collector, from a thread of its own: whatever happens there, no call waits for it.

pushing ──▶ failing ─────────────▶ pushing
            one line: why          one line: again
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricsData

from service.telemetry.metrics.exporter import Words
from service.telemetry.traces.hush import word_of

LAST_SECONDS = 2.0
"""For the last push, when the service stops, and whatever is under way then."""

log = structlog.get_logger()


class Push:
    """Pushes every `interval` seconds, and once more at the end."""

    def __init__(
        self,
        collect: Callable[[], MetricsData],
        exporter: Callable[[], MetricExporter],
        interval: float,
        endpoint: str = "",
    ) -> None:
        """`exporter` is called in the thread: to make one takes time, and may fail. `endpoint` is for people."""
        self._where = {"endpoint": endpoint} if endpoint else {}
        self._collect = collect
        self._make = exporter
        self._interval = interval
        self._exporter: MetricExporter | None = None
        self._ends = threading.Event()
        self._fails = False
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def end(self) -> None:
        """Pushes once more, and returns when that is done or time is up. Not for the loop's thread: it waits."""
        self._ends.set()
        self._thread.join(LAST_SECONDS)
        if self._thread.is_alive() and self._exporter is not None:
            self._exporter.shutdown()

    def _run(self) -> None:
        with Words() as words:
            over = False
            while not over:
                over = self._ends.wait(self._interval)
                self._tell(self._failed(words))
            if self._exporter is not None:  # which complains if `end` was quicker
                self._exporter.shutdown()

    def _failed(self, words: Words) -> str | None:
        """Pushes once. None if all went well, else why not, in a word: messages may quote what identifies us."""
        try:
            if self._exporter is None:
                self._exporter = self._make()
            result = self._exporter.export(self._collect())
        except Exception as error:  # noqa: BLE001 - whatever an exporter raises costs a line, and never the thread
            return word_of(error)
        return None if result is MetricExportResult.SUCCESS else words.reason

    def _tell(self, why: str | None) -> None:
        if why is not None and not self._fails:
            log.warning("metrics are not pushed", why=why, **self._where)
        elif why is None and self._fails:
            log.info("metrics are pushed again")
        self._fails = why is not None


@asynccontextmanager
async def pushing(push: Push | None) -> AsyncIterator[None]:
    """As long as this is open, metrics are pushed; None: they are not."""
    if push is None:
        yield
        return
    push.start()
    try:
        yield
    finally:
        await asyncio.get_running_loop().run_in_executor(None, push.end)
