"""Of the standard variables for OTLP, those that its exporters leave to us."""

import os
from typing import Literal

Signal = Literal["TRACES", "METRICS"]


def otlp_protocol(signal: Signal) -> str:
    """How the collector is spoken to: `grpc`, unless OTEL_EXPORTER_OTLP_PROTOCOL or the signal's own says otherwise."""
    own, every = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"), os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    return own or every or "grpc"
