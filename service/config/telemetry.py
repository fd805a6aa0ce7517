"""What leaves the process about its calls: traces, metrics, and where operators look.

Where the collector is, and how it is spoken to, say the standard `OTEL_EXPORTER_OTLP_*` variables.
"""

from typing import Literal

from pydantic import BaseModel, Field

from service.config.quantities import Duration
from service.config.section import SECTION

Propagator = Literal["tracecontext", "b3", "b3multi", "jaeger"]


class TraceSettings(BaseModel):
    """Which calls' spans are exported, and where to."""

    model_config = SECTION

    exporter: Literal["none", "otlp", "console"] = Field(
        default="none", description="Where spans go; none makes none. OTEL_TRACES_EXPORTER is the same."
    )
    ratio: float = Field(
        default=0.05,
        ge=0,
        le=1,
        description="How many calls are exported although nothing went wrong, as a share of 1.",
    )
    slow: Duration = Field(
        default=30.0, ge=0.001, le=86400, description="A call that took longer is always exported, in seconds."
    )
    content: bool = Field(
        default=False, description="Whether prompts and answers are recorded in spans, credentials removed."
    )
    propagators: tuple[Propagator, ...] = Field(
        default=("tracecontext",),
        description="How trace context is read from callers and told to providers; [] does neither. "
        "OTEL_PROPAGATORS is the same.",
    )


class MetricSettings(BaseModel):
    """Metrics are always at /metrics of the admin address; they can be pushed as well."""

    model_config = SECTION

    exporter: Literal["none", "otlp"] = Field(
        default="none", description="Where metrics are pushed. OTEL_METRICS_EXPORTER is the same."
    )
    interval: Duration = Field(default=60.0, ge=1, le=3600, description="Time between two pushes, in seconds.")


class TelemetrySettings(BaseModel):
    """What is told about calls, beside the log."""

    model_config = SECTION

    traces: TraceSettings = Field(default_factory=TraceSettings, description="Spans of calls.")
    metrics: MetricSettings = Field(default_factory=MetricSettings, description="Counts and times of all calls.")
