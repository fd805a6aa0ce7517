"""What the configuration says of traces, in words of telemetry's own."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceOptions:
    """By default no span is made. Fields mean what `telemetry.traces` in the configuration says."""

    exporter: str = "none"
    """none, otlp or console."""
    protocol: str = "grpc"
    """grpc or http/protobuf."""
    endpoint: str = ""
    """Where the collector is, for people; empty: there is none."""
    ratio: float = 0.05
    slow: float = 30.0
    """Seconds."""
    content: bool = False
    propagators: Sequence[str] = ("tracecontext",)
    credentials: Sequence[str] = field(default=(), repr=False)
    """What must not be in any span, should prompts be recorded."""
