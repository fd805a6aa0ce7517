"""One call at the edge, from its arrival to its trailers."""

from contextlib import aclosing

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.events import is_delta
from service.chat.fold import Fold
from service.chat.horizon import Horizon
from service.chat.reply import Reply
from service.chat.routes import Door, Route
from service.rpc import metadata, provenance
from service.rpc.arrival import Arrival, ServicerContext
from service.rpc.attendance import Attendance
from service.rpc.door import door_of
from service.rpc.drain import Drain
from service.rpc.policy import tightened
from service.rpc.terms import Terms


class Visit:
    """Accepts the call, hands it to its route and tells the caller what came of it. Used once."""

    def __init__(
        self, terms: Terms, drain: Drain, request: pb.ChatRequest, context: ServicerContext, *, streamed: bool
    ) -> None:
        self._terms = terms
        self._request = request
        self._context = context
        self._streamed = streamed
        self._arrival = Arrival(terms, "ChatStream" if streamed else "Chat", context, request.model)
        self._record = self._arrival.record
        self._attendance = Attendance(terms, drain, self._arrival, context)
        terms.began(self._record.method)

    async def unary(self) -> pb.ChatResponse:
        """The whole answer."""
        return await self._attendance.through(self._unary)

    async def stream(self) -> None:
        """Writes the answer, event by event."""
        await self._attendance.through(self._stream)

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
        with self._attendance.stay.undisturbed():
            await self._context.write(event)

    async def _ask(self) -> Reply:
        """The committed reply to the request. Raises Refusal, Failure."""
        route, door = door_of(self._request, self._terms.routes)
        self._record.call = call = self._accepted(route, door)
        if self._streamed:  # a unary call waits for nothing that the layers do not bound
            self._attendance.stay.until(call.deadline - self._terms.now())
        return await door.handler(call)

    def _accepted(self, route: Route, door: Door) -> Call:
        candidates = self._terms.in_order(self._request, door.candidates)
        default = self._terms.default_deadline_stream if self._streamed else self._terms.default_deadline_unary
        return Call(
            id=metadata.new_call_id(),
            request=self._request,
            caller=self._record.caller,
            streamed=self._streamed,
            arrived=self._record.arrived,
            horizon=Horizon(self._record.arrived + self._attendance.seconds(default)),
            candidates=candidates,
            target=candidates[0].target,
            route=route.name,
            conditions=tightened(route.conditions, self._request.policy),
            span=self._arrival.span,
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
        elif event.HasField("attempt_reset"):
            record.started = _started_by(event.attempt_reset)
        elif event.HasField("completed"):
            assert record.started is not None
            completed = event.completed
            completed.id = record.call.id
            completed.source = record.started.source
            completed.notice = record.started.notice
            provenance.write(record, self._terms.now(), completed.provenance)
            record.usage = completed.usage if completed.HasField("usage") else None


def _started_by(reset: pb.AttemptReset) -> pb.Started:
    """Who answers from here on."""
    return pb.Started(source=reset.source, notice=reset.notice, provider=reset.provider, model=reset.model)
