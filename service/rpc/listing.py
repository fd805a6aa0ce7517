"""`ListModels` at the edge: it asks nobody and waits for nothing, and is told of like any other call."""

import grpc
from opentelemetry.trace import Span, SpanKind, StatusCode, format_span_id, format_trace_id

from mainstay import v1 as pb
from service.chat.record import Record
from service.chat.routes import Door, Route
from service.chat.spans import describe
from service.rpc import metadata
from service.rpc.drain import Drain
from service.rpc.status import Refusal, refused
from service.rpc.visit import OURS, ServicerContext, Terms

METHOD = "ListModels"
NAME = f"mainstay.v1.ChatService/{METHOD}"


class Listing:
    """Knows what to answer, and tells every caller the same."""

    def __init__(self, terms: Terms, drain: Drain) -> None:
        self._terms = terms
        self._drain = drain
        self._models = pb.ListModelsResponse(models=[_model(route) for route in terms.routes])

    async def answer(self, context: ServicerContext) -> pb.ListModelsResponse:
        """All models; while the server leaves none, since whoever asks for them is about to call one."""
        told = metadata.texts(context.invocation_metadata() or ())
        span = self._terms.tracer.start_span(NAME, self._terms.extract(told), SpanKind.SERVER)
        record = _record(told, span, self._terms.now())
        trailers = (
            (metadata.REQUEST_ID, record.request_id),
            (metadata.TRACE_ID, record.trace_id),
            (metadata.VERSION, self._terms.version),
        )
        try:
            self._drain.admit()
        except Refusal as refusal:
            ending = refused(refusal)
            self._tell(record, span, ending.code, ending.reason)
            await context.abort(ending.code, ending.message, (*trailers, (metadata.DETAILS, ending.details)))
        context.set_trailing_metadata(trailers)
        self._tell(record, span, grpc.StatusCode.OK)
        return self._models

    def _tell(self, record: Record, span: Span, code: grpc.StatusCode, reason: str = "") -> None:
        record.ended, record.status, record.reason = self._terms.now(), code.name, reason
        if span.is_recording():
            describe(span, lambda: _about(record))
            if code in OURS:
                span.set_attribute("error.type", code.name)
                span.set_status(StatusCode.ERROR, reason)
            span.end()
        self._terms.ended(record)


def _record(told: dict[str, str], span: Span, now: float) -> Record:
    ids = span.get_span_context()
    return Record(
        method=METHOD,
        caller=metadata.caller_of(told),
        request_id=metadata.request_id_of(told),
        model="",
        trace_id=format_trace_id(ids.trace_id),
        span_id=format_span_id(ids.span_id),
        arrived=now,
    )


def _about(record: Record) -> dict[str, str]:
    reason = {"mainstay.reason": record.reason} if record.reason else {}
    return {
        "rpc.system.name": "grpc",
        "rpc.method": NAME,
        "rpc.response.status_code": record.status,
        "mainstay.request.id": record.request_id,
        "mainstay.caller": record.caller,
        **reason,
    }


def _model(route: Route) -> pb.Model:
    can = route.capabilities
    return pb.Model(
        name=route.name,
        targets=[str(target) for target in route.targets],
        context_tokens=can.context_tokens,
        max_output_tokens=can.max_output_tokens,
        tools=can.tools,
        images=can.images,
        json_schema=can.json_schema,
        reasoning=can.reasoning,
        usable=isinstance(route.door, Door),
    )
