"""Between the calls and the exporter: a bounded queue and a thread, so that a collector can be slow or gone."""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from service.telemetry.traces.watched import Watched, characters

MOST_SPANS = 2048
MOST_CHARACTERS = 4 * 1024 * 1024
"""In the texts of all spans that wait: with prompts recorded, one can be a thousand times as large as another."""
BATCH = 512
DELAY_SECONDS = 1.0
"""How long a batch is waited for. The SDK takes 5 s, which is long when somebody looks on."""
CLOSING_SECONDS = 1.8
ABANDONING_SECONDS = 0.2
QUIET_SECONDS = 60.0

log = structlog.get_logger()


class Outbox:
    """Takes the spans of a call together, or drops them together. Used from the event loop's thread."""

    def __init__(self, exporter: Watched, now: Callable[[], float] = time.monotonic) -> None:
        """Starts the thread; `close` ends it. `now` is monotonic."""
        self._exporter = exporter
        self._now = now
        self._queue = BatchSpanProcessor(
            exporter,
            max_queue_size=MOST_SPANS,
            max_export_batch_size=BATCH,
            schedule_delay_millis=DELAY_SECONDS * 1000,
        )
        self._spans = 0
        self._characters = 0
        self._quiet_until = float("-inf")
        self.dropped = 0
        """Spans that were not taken, so far."""

    def put(self, spans: Sequence[ReadableSpan]) -> None:
        """Never waits, never raises. The SDK's queue would tear calls apart when it is full, and not say how many."""
        size = sum(map(characters, spans))
        if (
            self._spans + len(spans) - self._exporter.spans > MOST_SPANS
            or self._characters + size - self._exporter.characters > MOST_CHARACTERS
        ):
            self._drop(len(spans))
            return
        self._spans += len(spans)
        self._characters += size
        for span in spans:
            self._queue.on_end(span)

    def _drop(self, spans: int) -> None:
        self.dropped += spans
        if self._now() >= self._quiet_until:
            self._quiet_until = self._now() + QUIET_SECONDS
            log.warning("spans are dropped: the collector does not keep up", dropped=self.dropped)

    async def close(self) -> bool:
        """Exports what is left, for at most two seconds. Returns whether it could.

        If not, the collector hangs, and so does a daemon thread.
        """
        if await _within(CLOSING_SECONDS, self._queue.shutdown):
            return True
        left = self._spans - self._exporter.spans
        log.warning("spans were lost: the collector did not take them in time", spans=left)
        await _within(ABANDONING_SECONDS, self._exporter.shutdown)  # wakes the other thread, where it can be woken
        return False


async def _within(seconds: float, work: Callable[[], object]) -> bool:
    """Whether blocking work was done in that time. The loop's own pool of threads would be waited for at exit."""
    done, loop = asyncio.Event(), asyncio.get_running_loop()

    def run() -> None:
        try:
            work()
        finally:
            with suppress(RuntimeError):  # the loop has gone long ago
                loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, name="traces-closing", daemon=True).start()
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            return await done.wait()
    return False
