"""What of the settings traces need."""

from service.config import Settings, confidential
from service.config.otlp import otlp_endpoint, otlp_protocol
from service.telemetry.traces.options import TraceOptions


def traced(settings: Settings) -> TraceOptions:
    """How spans are made and where they go, in telemetry's words."""
    asked = settings.telemetry.traces
    return TraceOptions(
        exporter=asked.exporter,
        protocol=otlp_protocol("TRACES"),
        endpoint=otlp_endpoint("TRACES") if asked.exporter == "otlp" else "",
        ratio=asked.ratio,
        slow=asked.slow,
        content=asked.content,
        propagators=asked.propagators,
        credentials=tuple(confidential(settings, {})) if asked.content else (),
    )
