"""What the edge does for every RPC: a span, a record, trailers, and word of its outcome."""

from typing import Any

import grpc
from opentelemetry.trace import SpanKind, StatusCode, format_span_id, format_trace_id

from mainstay import v1 as pb
from service.chat.record import Record
from service.chat.spans import describe
from service.rpc import limits, metadata
from service.rpc.terms import Terms

ServicerContext = grpc.aio.ServicerContext[Any, Any]

METHODS = ("Chat", "ChatStream", "CountTokens", "ListModels")
NAMES = {method: f"mainstay.v1.ChatService/{method}" for method in METHODS}
"""Of spans: the full names of methods, as OpenTelemetry's conventions for RPC have it."""
OURS = frozenset(
    {
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DATA_LOSS,
    }
)
"""Statuses that those conventions call errors of the server and not of its caller."""


class Arrival:
    """One RPC, from its metadata to its trailers."""

    def __init__(self, terms: Terms, method: str, context: ServicerContext, model: str = "") -> None:
        """`model` is what the caller asks for."""
        self._terms = terms
        told = metadata.texts(context.invocation_metadata() or ())
        self.span = terms.tracer.start_span(NAMES[method], terms.extract(told), SpanKind.SERVER)
        ids = self.span.get_span_context()
        self.record = Record(
            method=method,
            caller=metadata.caller_of(told),
            request_id=metadata.request_id_of(told),
            model=model[: limits.MODEL_CHARACTERS],
            trace_id=format_trace_id(ids.trace_id),
            span_id=format_span_id(ids.span_id),
            arrived=terms.now(),
        )

    def trailers(self) -> tuple[tuple[str, str], ...]:
        """What every caller is told, however its call ends."""
        return (
            (metadata.REQUEST_ID, self.record.request_id),
            (metadata.TRACE_ID, self.record.trace_id),
            (metadata.VERSION, self._terms.version),
        )

    def tell(self, code: grpc.StatusCode, reason: str = "") -> None:
        """Ends the span, and hands the record to whoever writes and counts. Once."""
        record, span = self.record, self.span
        record.ended, record.status, record.reason = self._terms.now(), code.name, reason
        if span.is_recording():
            describe(span, lambda: _about(record))
            if code in OURS:
                span.set_attribute("error.type", code.name)
                span.set_status(StatusCode.ERROR, reason)
            span.end()
        self._terms.ended(record)


def _about(record: Record) -> dict[str, str]:
    attributes = {
        "rpc.system.name": "grpc",
        "rpc.method": NAMES[record.method],
        "rpc.response.status_code": record.status,
        "mainstay.request.id": record.request_id,
        "mainstay.caller": record.caller,
    }
    if record.reason:
        attributes["mainstay.reason"] = record.reason
    if record.call is not None:
        attributes["mainstay.call.id"] = record.call.id
    if record.started is not None:
        attributes["mainstay.source"] = pb.Source.Name(record.started.source).removeprefix("SOURCE_")
    return attributes
