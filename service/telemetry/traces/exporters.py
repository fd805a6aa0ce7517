"""OpenTelemetry's own exporters, loaded when one is wanted: OTLP's take a third of a second.

They read from the standard `OTEL_EXPORTER_OTLP_*` variables where the collector is, and how it is spoken to.
"""

import sys

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import ConsoleSpanExporter, SpanExporter

from service.telemetry.traces.options import TraceOptions


def exporter(options: TraceOptions) -> SpanExporter:
    """The one that the configuration names."""
    if options.exporter == "console":
        return ConsoleSpanExporter(out=sys.stderr, formatter=_line)  # standard output is the log's
    if options.protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as OverGrpc

        return OverGrpc()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as OverHttp

    return OverHttp()


def _line(span: ReadableSpan) -> str:
    return f"{span.to_json(indent=None)}\n"
