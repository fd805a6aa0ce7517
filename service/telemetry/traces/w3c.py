"""W3C trace context, read and written in a few microseconds: every call pays for it, recorded or not.

The SDK's propagator takes twice as long, and complains in the log about what callers send.
"""

import re

from opentelemetry.context import Context
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"
STATE_CHARACTERS = 512
"""What W3C wants to be passed on at least, and we at most."""
STATE_MEMBERS = 32

_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_MEMBER = re.compile(
    r"(?P<key>[a-z][-_a-z0-9*/]{0,255}|[a-z0-9][-_a-z0-9*/]{0,240}@[a-z][-_a-z0-9*/]{0,13})"
    r"=(?P<value>[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e])"
)
_KNOWN_FLAGS = 0b11
"""Sampled, and random id; W3C wants the others not to be passed on."""
_FLAGS = tuple(TraceFlags(value) for value in range(_KNOWN_FLAGS + 1))
_NO_TRACE = Context()
_NO_STATE = TraceState()


def extract(metadata: dict[str, str]) -> Context:
    """The trace that the caller is part of; empty if it names none, or in a way that nobody can read."""
    header = metadata.get(TRACEPARENT)
    if header is None:
        return _NO_TRACE
    read = _PARENT.fullmatch(header)
    if read is None:
        return _NO_TRACE
    version, trace_id, span_id, flags, rest = read.groups()
    if version == "ff" or (rest and version == "00"):
        return _NO_TRACE
    state = _state(metadata[TRACESTATE]) if TRACESTATE in metadata else _NO_STATE
    parent = SpanContext(int(trace_id, 16), int(span_id, 16), True, _FLAGS[int(flags, 16) & _KNOWN_FLAGS], state)
    return set_span_in_context(NonRecordingSpan(parent), _NO_TRACE) if parent.is_valid else _NO_TRACE


def inject(current: Span) -> dict[str, str]:
    """The headers that name a span; none if it is none."""
    span = current.get_span_context()
    if not span.is_valid:
        return {}
    headers = {TRACEPARENT: f"00-{span.trace_id:032x}-{span.span_id:016x}-{span.trace_flags:02x}"}
    if span.trace_state:
        headers[TRACESTATE] = span.trace_state.to_header()
    return headers


def _state(header: str) -> TraceState:
    """Other systems' words on the trace, as they came, the last ones cut off where there are too many.

    W3C drops the whole of it when one member cannot be read.
    """
    if len(header) > STATE_CHARACTERS:
        header = header[: STATE_CHARACTERS + 1].rpartition(",")[0]
    members: dict[str, str] = {}
    for member in header.split(",")[:STATE_MEMBERS]:
        text = member.strip(" \t")
        if not text:
            continue
        read = _MEMBER.fullmatch(text)
        if read is None or read["key"] in members:
            return _NO_STATE
        members[read["key"]] = read["value"]
    return TraceState(list(members.items()))
