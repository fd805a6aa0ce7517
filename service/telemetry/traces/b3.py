"""What B3 has beside W3C: a caller may decide about sampling without naming a trace."""

from collections.abc import Mapping

from opentelemetry.context import Context
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, set_span_in_context

_DECISIONS = {
    **dict.fromkeys(("0", "false"), TraceFlags(TraceFlags.DEFAULT)),
    **dict.fromkeys(("1", "true", "d"), TraceFlags(TraceFlags.SAMPLED)),
}


def decided(metadata: Mapping[str, str]) -> Context:
    """Holds the decision, as that of a remote span without ids; empty if there is none."""
    flags = _DECISIONS.get(_word(metadata))
    if flags is None:
        return Context()
    return set_span_in_context(NonRecordingSpan(SpanContext(0, 0, is_remote=True, trace_flags=flags)), Context())


def _word(metadata: Mapping[str, str]) -> str:
    if "b3" in metadata:
        return metadata["b3"]
    return "d" if metadata.get("x-b3-flags") == "1" else metadata.get("x-b3-sampled", "")
