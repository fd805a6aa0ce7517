"""Between calls and a collector that may be slow, broken or gone."""

import asyncio
import logging
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from structlog.testing import capture_logs

from service.telemetry.traces.holding import HoldingTracer
from service.telemetry.traces.hush import Hush
from service.telemetry.traces.outbox import MOST_CHARACTERS, MOST_SPANS, Outbox
from service.telemetry.traces.sampling import Head
from service.telemetry.traces.watched import Watched
from tests.kit.spans import finished

LIBRARY = logging.getLogger("opentelemetry.exporter.of.tests")


class Script(SpanExporter):
    """Exports as told, for each batch; the last word counts for all that follow."""

    def __init__(self, *results: SpanExportResult | Exception) -> None:
        self._results = list(results) or [SpanExportResult.SUCCESS]
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.shut = threading.Event()
        self.batches: list[int] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.goes_on.wait(10)
        self.batches.append(len(spans))
        result = self._results.pop(0) if len(self._results) > 1 else self._results[0]
        if isinstance(result, Exception):
            raise result
        if result is SpanExportResult.FAILURE:
            LIBRARY.error("could not: %s, because %s", 503, "canary")
        return result

    def shutdown(self) -> None:
        self.shut.set()
        self.goes_on.set()


@pytest.fixture
def lines() -> Iterator[list[Any]]:
    with capture_logs() as captured:
        yield captured


@pytest.fixture
def hush() -> Iterator[Hush]:
    with Hush() as hush:
        yield hush


def call(spans: int = 4, text: str = "") -> list[ReadableSpan]:
    """What one call lets go."""
    tracer = HoldingTracer(head=Head(1), slow=1, release=lambda spans: None)
    made: list[Any] = [tracer.start_span("span", Context()) for _ in range(spans)]
    for span in made:
        for part in range(-(-len(text) // 1000)):
            span.set_attribute(f"text {part}", text[:1000])
    return [finished(span) for span in made]


async def test_what_is_put_in_comes_out_at_the_end_at_the_latest(hush: Hush, lines: list[Any]) -> None:
    script = Script()
    outbox = Outbox(Watched(script, hush))
    for _ in range(3):
        outbox.put(call())
    assert await outbox.close()
    assert (sum(script.batches), outbox.dropped, lines) == (12, 0, [])


async def test_a_full_outbox_drops_whole_calls_counts_them_and_says_so_once(hush: Hush, lines: list[Any]) -> None:
    script = Script()
    script.goes_on.clear()
    outbox = Outbox(Watched(script, hush))
    began = time.monotonic()
    for _ in range(MOST_SPANS // 3 + 100):
        outbox.put(call(3))
    assert time.monotonic() - began < 5
    assert outbox.dropped == 100 * 3
    script.goes_on.set()
    assert await outbox.close()
    assert sum(script.batches) == MOST_SPANS // 3 * 3
    assert [(line["event"], line["dropped"]) for line in lines] == [
        ("spans are dropped: the collector does not keep up", 3)
    ]


async def test_long_texts_fill_it_sooner(hush: Hush, lines: list[Any]) -> None:
    script = Script()
    script.goes_on.clear()
    outbox = Outbox(Watched(script, hush))
    text = "x" * (MOST_CHARACTERS // 8 - 1000)
    for _ in range(10):
        outbox.put(call(1, text))
    assert outbox.dropped == 2
    script.goes_on.set()
    await outbox.close()
    outbox_after = Outbox(Watched(Script(), hush))
    outbox_after.put(call(1, text))
    assert outbox_after.dropped == 0
    await outbox_after.close()


async def test_room_comes_back_when_a_batch_is_done_with_whichever_way(hush: Hush, lines: list[Any]) -> None:
    script = Script(SpanExportResult.FAILURE, ValueError("canary"), SpanExportResult.SUCCESS)
    watched = Watched(script, hush)
    outbox = Outbox(watched)
    for _ in range(MOST_SPANS // 4):
        outbox.put(call())
    async with asyncio.timeout(10):
        while watched.spans < MOST_SPANS:
            await asyncio.sleep(0.01)
    outbox.put(call())
    assert outbox.dropped == 0
    await outbox.close()


async def test_losing_the_collector_is_one_line_and_so_is_finding_it_again(hush: Hush, lines: list[Any]) -> None:
    failure, success = SpanExportResult.FAILURE, SpanExportResult.SUCCESS
    watched = Watched(Script(failure, failure, success, success, failure), hush)
    for _ in range(5):
        watched.export(call(2))
    assert lines == [
        {"event": "traces cannot be exported; calls go on", "log_level": "warning", "why": "HTTP 503"},
        {"event": "traces are exported again", "log_level": "info", "lost": 4},
        {"event": "traces cannot be exported; calls go on", "log_level": "warning", "why": "HTTP 503"},
    ]


async def test_closing_does_not_wait_for_a_collector_that_hangs(hush: Hush, lines: list[Any]) -> None:
    script = Script()
    script.goes_on.clear()
    outbox = Outbox(Watched(script, hush))
    outbox.put(call())
    began = time.monotonic()
    assert not await outbox.close()
    assert time.monotonic() - began < 5  # and the script hangs for ten
    assert script.shut.is_set()
    assert lines[0]["spans"] == 4


def test_what_libraries_log_stays_with_them_and_a_reason_is_kept_that_is_safe(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Hush() as hush:
        LIBRARY.warning("Invalid header %s", "authorization=canary")
        assert hush.last == ""
        LIBRARY.error("failed: %s", ConnectionError("canary"))
        assert hush.last == "ConnectionError"
        LIBRARY.warning("again in %.2fs: %s, %s", 1.5, "canary", "Service Unavailable")
        assert hush.last == "HTTP 503"
    assert caplog.records == []
    LIBRARY.warning("heard again")
    assert [record.message for record in caplog.records] == ["heard again"]
