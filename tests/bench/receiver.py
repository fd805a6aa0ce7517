"""`python -m tests.bench.receiver PORT`: takes spans and metrics over OTLP/gRPC, and keeps no more than their count.

Each export is a line of JSON on standard output: `{"spans": 12, "roots": 4}` or `{"points": 80}`. A root is a span
without a parent.
"""

import json
import sys
from collections.abc import Iterable
from concurrent import futures
from pathlib import Path

import grpc
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import (
    MetricsServiceServicer,
    add_MetricsServiceServicer_to_server,
)
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as traces
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)

Context = grpc.ServicerContext


class Traces(TraceServiceServicer):
    """Counts spans."""

    def Export(self, request: traces.ExportTraceServiceRequest, context: Context) -> traces.ExportTraceServiceResponse:
        spans = [span for of in request.resource_spans for scope in of.scope_spans for span in scope.spans]
        _tell(spans=len(spans), roots=sum(not span.parent_span_id for span in spans))
        return traces.ExportTraceServiceResponse()


class Metrics(MetricsServiceServicer):
    """Counts metrics."""

    def Export(
        self, request: metrics.ExportMetricsServiceRequest, context: Context
    ) -> metrics.ExportMetricsServiceResponse:
        _tell(points=sum(len(scope.metrics) for of in request.resource_metrics for scope in of.scope_metrics))
        return metrics.ExportMetricsServiceResponse()


def received(said: Path) -> dict[str, int]:
    """Sums of what a receiver has written to a file so far: spans, roots, points."""
    return summed(said.read_text().splitlines())


def summed(lines: Iterable[str]) -> dict[str, int]:
    """The counts of each name, added up."""
    sums = {"spans": 0, "roots": 0, "points": 0}
    for line in lines:
        for name, count in json.loads(line).items():
            sums[name] += count
    return sums


def main(port: str) -> None:
    """Receives until it is ended."""
    server = grpc.server(futures.ThreadPoolExecutor(2))
    add_TraceServiceServicer_to_server(Traces(), server)  # type: ignore[no-untyped-call]  # generated
    add_MetricsServiceServicer_to_server(Metrics(), server)  # type: ignore[no-untyped-call]  # generated
    server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    server.wait_for_termination()


def _tell(**counts: int) -> None:
    sys.stdout.write(json.dumps(counts) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
