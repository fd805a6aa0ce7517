"""One call at the edge, from its arrival to its trailers."""

import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import grpc
import structlog
from opentelemetry.context import Context
from opentelemetry.trace import SpanKind, Tracer, format_trace_id, set_span_in_context

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.failures import Failure
from service.chat.fold import Fold
from service.chat.reply import Reply
from service.chat.routes import Door, Route, Routes, UnknownModel
from service.rpc import metadata, status
from service.rpc.provenance import provenance_of
from service.rpc.validation import violations_of

T = TypeVar("T")
ServicerContext = grpc.aio.ServicerContext[Any, Any]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the edge gives every call. Times in seconds; `now` is the monotonic clock."""

    routes: Routes
    tracer: Tracer
    extract: Callable[[dict[str, str]], Context]
    """The caller's trace, from its metadata."""
    version: str
    default_deadline_unary: float
    default_deadline_stream: float
    max_deadline: float
    now: Callable[[], float] = time.monotonic


class Visit:
    """Accepts the call, hands it to its route and tells the caller what came of it. Used once."""

    def __init__(self, terms: Terms, request: pb.ChatRequest, context: ServicerContext, *, streamed: bool) -> None:
        self._terms = terms
        self._request = request
        self._context = context
        self._streamed = streamed
        self._arrived = terms.now()
        self._metadata = metadata.texts(context.invocation_metadata() or ())
        self._request_id = metadata.request_id_of(self._metadata)
        self._span = terms.tracer.start_span(
            "mainstay.v1.ChatService/" + ("ChatStream" if streamed else "Chat"),
            terms.extract(self._metadata),
            SpanKind.SERVER,
            {"rpc.system.name": "grpc", "mainstay.request.id": self._request_id},
        )
        self._trace_id = format_trace_id(self._span.get_span_context().trace_id)
        self._call: Call | None = None
        self._started: pb.Started | None = None
        self._first_token: float | None = None

    async def unary(self) -> pb.ChatResponse:
        """The whole answer."""
        return await self._guarded(self._unary)

    async def stream(self) -> None:
        """Writes the answer, event by event."""
        await self._guarded(self._stream)

    async def _unary(self) -> pb.ChatResponse:
        fold = Fold()
        response = pb.ChatResponse()
        async with aclosing(await self._ask()) as reply:
            async for event in reply:
                self._notice(event)
                fold.add(event)
                if event.HasField("completed"):
                    response = event.completed
        response.message.CopyFrom(fold.message())
        return response

    async def _stream(self) -> None:
        sequence = 0
        async with aclosing(await self._ask()) as reply:
            self._first_token = self._terms.now()
            async for event in reply:
                self._notice(event)
                sequence += 1
                event.sequence = sequence
                await self._context.write(event)

    async def _ask(self) -> Reply:
        """The committed reply to the request. Raises Refusal, Failure."""
        if (violations := violations_of(self._request)).count:
            raise status.invalid(violations)
        try:
            route = self._terms.routes.find(self._request.model)
        except UnknownModel as unknown:
            raise status.Refusal(grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND", str(unknown)) from None
        if not isinstance(route.door, Door):
            raise status.Refusal(grpc.StatusCode.UNAVAILABLE, "NOT_SERVING", route.door)
        self._call = self._accepted(route, route.door)
        return await route.door.handler(self._call)

    def _accepted(self, route: Route, door: Door) -> Call:
        asked = _asked(self._context)
        default = self._terms.default_deadline_stream if self._streamed else self._terms.default_deadline_unary
        return Call(
            id=metadata.new_call_id(),
            request=self._request,
            caller=metadata.caller_of(self._metadata),
            streamed=self._streamed,
            arrived=self._arrived,
            deadline=self._arrived + min(default if asked is None else asked, self._terms.max_deadline),
            target=door.target,
            route=route.name,
            clocks=route.clocks.tightened(_clocks_of(self._request.policy)),
            context=set_span_in_context(self._span),
        )

    def _notice(self, event: pb.ChatEvent) -> None:
        """Puts what only the edge knows into the first and the last event."""
        assert self._call is not None
        if event.HasField("started"):
            event.started.id = self._call.id
            self._started = event.started
        elif event.HasField("completed"):
            assert self._started is not None
            event.completed.id = self._call.id
            event.completed.source = self._started.source
            event.completed.notice = self._started.notice
            event.completed.provenance.CopyFrom(self._provenance())

    async def _guarded(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            result = await work()
        except status.Refusal as refusal:
            ending = status.refused(refusal)
        except Failure as failure:
            ending = status.failed(failure, self._provenance())
        except Exception:
            log.exception("a call met a bug", request_id=self._request_id, trace_id=self._trace_id)
            ending = status.internal()
        else:
            self._context.set_trailing_metadata(self._trailers())
            return result
        finally:
            self._span.end()
        return await self._abort(ending)

    async def _abort(self, ending: status.Ending) -> NoReturn:
        pushback = ((metadata.PUSHBACK, "-1"),) if ending.pushback else ()
        trailers = (*self._trailers(), *pushback, (metadata.DETAILS, ending.details))
        await self._context.abort(ending.code, ending.message, trailers)

    def _trailers(self) -> tuple[tuple[str, str], ...]:
        return (
            (metadata.REQUEST_ID, self._request_id),
            (metadata.TRACE_ID, self._trace_id),
            (metadata.VERSION, self._terms.version),
        )

    def _provenance(self) -> pb.Provenance:
        if self._call is None:
            return pb.Provenance(trace_id=self._trace_id)
        return provenance_of(self._call, self._started, self._first_token, self._terms.now(), self._trace_id)


def _asked(context: ServicerContext) -> float | None:
    return context.time_remaining()  # None without a deadline, which the type stubs do not know


def _clocks_of(policy: pb.CallPolicy) -> Clocks:
    if policy.HasField("stall_timeout"):
        return Clocks(stall=policy.stall_timeout.ToTimedelta().total_seconds())
    return Clocks()
