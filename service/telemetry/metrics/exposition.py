"""Metrics as text for whoever comes to fetch them: Prometheus's own format, or OpenMetrics if that is preferred."""

from collections.abc import Iterator

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    GCCollector,
    Metric,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST as OPENMETRICS
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

PROCESS_SERIES = 16
"""Of the process, its garbage collector and its Python, where /proc tells all of them."""


class Exposition:
    """What is counted, and what the process itself is like. Any thread may ask."""

    def __init__(self, counted: CollectorRegistry) -> None:
        self._counted = counted
        self._process = CollectorRegistry()
        for collector in (ProcessCollector, GCCollector, PlatformCollector):
            collector(registry=self._process)

    def text(self, accept: str) -> tuple[str, bytes]:
        """The content type and the text; `accept` is the header of an HTTP request."""
        if "application/openmetrics-text" in accept:
            return OPENMETRICS, generate_openmetrics(self)  # type: ignore[no-untyped-call]
        return CONTENT_TYPE_PLAIN_0_0_4, generate_latest(self)

    def collect(self) -> Iterator[Metric]:
        """Every metric, without the times at which series were made: they would be as many series again."""
        for metric in (*self._counted.collect(), *self._process.collect()):
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric
