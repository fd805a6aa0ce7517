"""OpenTelemetry's own OTLP exporters, which read the standard `OTEL_EXPORTER_OTLP_*` variables themselves."""

import logging
import threading
from types import TracebackType
from typing import Self

from opentelemetry.sdk.metrics.export import MetricExporter

from service.telemetry.traces.hush import Hush

LOGGERS = ("opentelemetry.exporter.otlp.proto.grpc.exporter", "opentelemetry.exporter.otlp.proto.http.metric_exporter")


def otlp(protocol: str) -> MetricExporter:
    """One that speaks `grpc` or `http/protobuf`. Loaded when it is wanted: together they take a third of a second."""
    if protocol.startswith("http"):
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as OverHttp

        return OverHttp()
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as OverGrpc

    return OverGrpc()


class Words(logging.Filter):
    """Hears what exporters log in this thread. Nobody else shall: each push that fails would be several lines."""

    def __init__(self) -> None:
        super().__init__()
        self._heard = Hush()
        self._thread = threading.get_ident()

    @property
    def reason(self) -> str:
        """Why the latest push failed, in a word that is safe to tell."""
        return self._heard.last or "unknown"

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether somebody else said it."""
        if record.thread != self._thread:
            return True
        self._heard.emit(record)
        return False

    def __enter__(self) -> Self:
        for name in LOGGERS:
            logging.getLogger(name).addFilter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for name in LOGGERS:
            logging.getLogger(name).removeFilter(self)
