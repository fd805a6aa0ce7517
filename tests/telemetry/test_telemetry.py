"""Traces and metrics, put together."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.context import Context

from service.telemetry.metrics.metrics import Measuring
from service.telemetry.telemetry import telemetry
from service.telemetry.traces.options import TraceOptions
from tests.kit.collector import Collector, collecting

SCOPES = {"traces": "resourceSpans", "metrics": "resourceMetrics"}


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """The loop of production."""
    return "asyncio", {"use_uvloop": True}


async def test_a_collector_is_told_of_spans_and_metrics_that_they_are_of_one_instance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with collecting(tmp_path) as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.grpc)
        async with telemetry("1.2", Measuring(interval=3600), TraceOptions(exporter="otlp", ratio=1)) as told:
            told.tracer.start_span("a call", Context()).end()
    (of_spans,), (of_metrics,) = (resources(collector, signal) for signal in SCOPES)
    assert of_spans == of_metrics
    assert of_spans["service.instance.id"]
    assert of_spans["service.version"] == "1.2"


async def test_two_instances_are_not_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with collecting(tmp_path) as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.grpc)
        for _ in range(2):
            async with telemetry("1.2", Measuring(interval=3600)):
                pass
    assert len({resource["service.instance.id"] for resource in resources(collector, "metrics")}) == 2


def resources(collector: Collector, signal: str) -> Iterator[dict[str, str]]:
    """Who sent each request."""
    for request in collector.requests:
        if request["signal"] == signal:
            (scoped,) = request["body"][SCOPES[signal]]
            yield {pair["key"]: pair["value"]["stringValue"] for pair in scoped["resource"]["attributes"]}
