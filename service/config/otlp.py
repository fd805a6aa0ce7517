"""Of the standard variables for OTLP, those that its exporters leave to us."""

import os
from typing import Literal
from urllib.parse import urlsplit

DEFAULTS = {"grpc": "http://localhost:4317", "http/protobuf": "http://localhost:4318"}
"""Where the exporters go that are told nothing."""

Signal = Literal["TRACES", "METRICS"]


def otlp_protocol(signal: Signal) -> str:
    """How the collector is spoken to: `grpc`, unless OTEL_EXPORTER_OTLP_PROTOCOL or the signal's own says otherwise."""
    own, every = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"), os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    return own or every or "grpc"


def otlp_endpoint(signal: Signal) -> str:
    """Where the collector is, as scheme://host:port, for people: never with a user, a password, a path or a query."""
    own, every = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"), os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    parts = urlsplit(own or every or DEFAULTS.get(otlp_protocol(signal), ""))
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
