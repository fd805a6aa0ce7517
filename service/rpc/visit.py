"""One call at the edge, from its arrival to its trailers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import NoReturn, TypeVar

import grpc
import structlog
from opentelemetry.trace import set_span_in_context

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.events import is_delta
from service.chat.failures import Failure
from service.chat.fold import Fold
from service.chat.reply import Reply
from service.chat.routes import Door, Route
from service.rpc import metadata, status
from service.rpc.arrival import Arrival, ServicerContext
from service.rpc.door import door_of
from service.rpc.drain import Drain, Stay
from service.rpc.policy import tightened
from service.rpc.provenance import provenance_of
from service.rpc.terms import Terms

T = TypeVar("T")


log = structlog.get_logger()


class Visit:
    """Accepts the call, hands it to its route and tells the caller what came of it. Used once."""

    def __init__(
        self, terms: Terms, drain: Drain, request: pb.ChatRequest, context: ServicerContext, *, streamed: bool
    ) -> None:
        self._terms = terms
        self._stay = Stay(drain)
        self._request = request
        self._context = context
        self._streamed = streamed
        self._arrival = Arrival(terms, "ChatStream" if streamed else "Chat", context, request.model)
        self._record = self._arrival.record
        terms.began(self._record.method)

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
            for event in await reply.read():
                self._notice(event)
                fold.add(event)
                if event.HasField("completed"):
                    response = event.completed
        fold.write(response.message)
        return response

    async def _stream(self) -> None:
        sequence = 0
        async with aclosing(await self._ask()) as reply:
            async for event in reply:
                self._notice(event)
                sequence += 1
                event.sequence = sequence
                await self._write(event)

    async def _write(self, event: pb.ChatEvent) -> None:
        if event.sequence > 1:
            await self._context.write(event)
            return
        # gRPC forgets that it has sent its initial metadata if the write that did is interrupted; abort then fails.
        with self._stay.undisturbed():
            await self._context.write(event)

    async def _ask(self) -> Reply:
        """The committed reply to the request. Raises Refusal, Failure."""
        route, door = door_of(self._request, self._terms.routes)
        self._record.call = call = self._accepted(route, door)
        if self._streamed:  # a unary call waits for nothing that the layers do not bound
            self._stay.until(call.deadline - self._terms.now())
        return await door.handler(call)

    def _accepted(self, route: Route, door: Door) -> Call:
        asked = _asked(self._context)
        default = self._terms.default_deadline_stream if self._streamed else self._terms.default_deadline_unary
        return Call(
            id=metadata.new_call_id(),
            request=self._request,
            caller=self._record.caller,
            streamed=self._streamed,
            arrived=self._record.arrived,
            deadline=self._record.arrived + min(default if asked is None else asked, self._terms.max_deadline),
            candidates=door.candidates,
            target=door.candidates[0].target,
            route=route.name,
            conditions=tightened(route.conditions, self._request.policy),
            context=set_span_in_context(self._arrival.span),
        )

    def _notice(self, event: pb.ChatEvent) -> None:
        """Puts what only the edge knows into the first and the last event, and keeps what they say."""
        record = self._record
        assert record.call is not None
        if record.first_token is None and self._streamed and is_delta(event):
            record.first_token = self._terms.now()
        if event.HasField("started"):
            event.started.id = record.call.id
            record.started = event.started
        elif event.HasField("completed"):
            assert record.started is not None
            completed = event.completed
            completed.id = record.call.id
            completed.source = record.started.source
            completed.notice = record.started.notice
            completed.provenance.MergeFrom(self._provenance())  # who answered may have noted something there
            record.usage = completed.usage if completed.HasField("usage") else None

    async def _guarded(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            result = await self._stay.through(work)
        except asyncio.CancelledError:
            self._arrival.tell(grpc.StatusCode.CANCELLED)
            raise
        except grpc.aio.InternalError as error:  # a write that was under way when its caller left
            self._arrival.tell(grpc.StatusCode.CANCELLED)
            raise asyncio.CancelledError from error
        except status.Refusal as refusal:
            ending = status.refused(refusal, self._provenance() if self._record.call else None)
        except Failure as failure:
            ending = status.failed(failure, self._provenance())
        except Exception:
            about = self._record
            log.exception(
                "a call met a bug", request_id=about.request_id, trace_id=about.trace_id, span_id=about.span_id
            )
            ending = status.internal()
        else:
            self._context.set_trailing_metadata(self._arrival.trailers())
            self._arrival.tell(grpc.StatusCode.OK)
            return result
        self._arrival.tell(ending.code, ending.reason)
        return await self._abort(ending)

    async def _abort(self, ending: status.Ending) -> NoReturn:
        pushback = ((metadata.PUSHBACK, "-1"),) if ending.pushback else ()
        trailers = (*self._arrival.trailers(), *pushback, (metadata.DETAILS, ending.details))
        await self._context.abort(ending.code, ending.message, trailers)

    def _provenance(self) -> pb.Provenance:
        return provenance_of(self._record, self._terms.now())


def _asked(context: ServicerContext) -> float | None:
    return context.time_remaining()  # None without a deadline, which the type stubs do not know
