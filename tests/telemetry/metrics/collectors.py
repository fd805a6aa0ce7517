"""Collectors that remember what was pushed to them: one for gRPC, one for HTTP."""

import gzip
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread

import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import (
    MetricsServiceServicer,
    add_MetricsServiceServicer_to_server,
)
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, ResourceMetrics


@dataclass(slots=True)
class Collector(MetricsServiceServicer):
    """What came, in order."""

    url: str = ""
    pushes: list[ExportMetricsServiceRequest] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: Event = field(default_factory=Event)
    """Cleared: it takes what comes and says nothing."""

    def __post_init__(self) -> None:
        self.answers.set()

    def Export(
        self, request: ExportMetricsServiceRequest, context: grpc.ServicerContext
    ) -> ExportMetricsServiceResponse:
        self.headers.append({name: str(value) for name, value in context.invocation_metadata()})
        self.pushes.append(request)
        self.answers.wait()
        return ExportMetricsServiceResponse()

    @property
    def resource(self) -> dict[str, str]:
        """Who pushed last."""
        return {pair.key: pair.value.string_value for pair in self._last.resource.attributes}

    @property
    def metrics(self) -> dict[str, Metric]:
        """What was pushed last, by name."""
        return {metric.name: metric for scope in self._last.scope_metrics for metric in scope.metrics}

    @property
    def _last(self) -> ResourceMetrics:
        return self.pushes[-1].resource_metrics[0]


@contextmanager
def grpc_collector(port: int = 0) -> Iterator[Collector]:
    """Listens on the loopback."""
    collector = Collector()
    server = grpc.server(ThreadPoolExecutor(1), options=[("grpc.so_reuseport", 0)])
    add_MetricsServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]
    collector.url = f"http://127.0.0.1:{server.add_insecure_port(f'127.0.0.1:{port}')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(0).wait()


@contextmanager
def http_collector(status: int = 200) -> Iterator[Collector]:
    """The same over HTTP; answers with that status."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/metrics"
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers["Content-Encoding"] == "gzip":
                body = gzip.decompress(body)
            collector.headers.append(dict(self.headers))
            collector.pushes.append(ExportMetricsServiceRequest.FromString(body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join()
