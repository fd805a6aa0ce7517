"""An open answer."""

from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Self

import grpc.aio

from mainstay import v1 as pb
from mainstay.errors import IncompleteStream, MainstayError
from mainstay.fold import Fold
from mainstay.outcome import translated
from mainstay.status import request_id, trace_id, trailers_of

Call = grpc.aio.UnaryStreamCall[pb.ChatRequest, pb.ChatEvent]


class ChatStream:
    """The events of one answer as they come; `ChatClient.stream` makes it.

        async with client.stream("…") as stream:
            async for event in stream:
                ...
        stream.response

    Whoever leaves the block before the end cancels the call. The loop ends only after `completed`: any other
    end raises a MainstayError. After an `attempt_reset` with RESET_MODE_DISCARD all that was shown is void;
    `response` heeds that.
    """

    def __init__(self, open_call: Callable[[], Call], target: str) -> None:
        self._open_call = open_call
        self._target = target
        self._call: Call | None = None
        self._fold = Fold()
        self._failure: MainstayError | None = None

    async def __aenter__(self) -> Self:
        if self._call is not None:
            raise RuntimeError("a stream is opened once: ask client.stream for another")
        self._call = self._open_call()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.cancel()

    def cancel(self) -> None:
        """Gives the answer up, unless it has ended: whoever reads on gets Cancelled."""
        if self._call is not None:
            self._call.cancel()

    @property
    def response(self) -> pb.ChatResponse:
        """The whole answer, its message folded from the deltas. There is none before the loop has ended."""
        if self._fold.response is None:
            raise RuntimeError("the answer is not complete: read the stream to its end first")
        return self._fold.response

    async def text(self) -> AsyncIterator[str]:
        """The answer's text as it comes, for those who can only append.

        Raises IncompleteStream if the answer begins anew after some of it was handed out: that is void then. With
        `policy=CallPolicy(recovery=RECOVERY_CONTINUE)` the stream goes on after it, or ends with its own error.
        """
        begun = False
        async for event in self:
            if begun and event.attempt_reset.mode == pb.RESET_MODE_DISCARD:
                raise self._fail(_began_anew(event.attempt_reset))
            if event.text_delta.text:
                begun = True
                yield event.text_delta.text

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> pb.ChatEvent:
        if self._call is None:
            raise RuntimeError("open the stream first: async with client.stream(…) as stream")
        if self._failure is not None:
            raise self._failure
        if self._fold.response is not None:
            raise StopAsyncIteration
        try:
            return await self._next(self._call)
        except MainstayError as error:
            raise self._fail(error) from error.__cause__

    async def _next(self, call: Call) -> pb.ChatEvent:
        with translated(self._target):
            event = await call.read()
        if not isinstance(event, pb.ChatEvent):
            # gRPC logs what it cannot parse and hands out None.
            raise (IncompleteStream("an event could not be read") if event is None else await self._ran_dry(call))
        self._fold.add(event)
        if event.HasField("completed"):
            await self._see_it_end(call)
        return event

    async def _see_it_end(self, call: Call) -> None:
        """Waits for the status, so that a caller who stops at `completed` cancels nothing that went well."""
        try:
            with translated(self._target):
                while isinstance(await call.read(), pb.ChatEvent):
                    pass
        except MainstayError:
            pass  # `completed` is the success marker, whatever becomes of the connection after it

    async def _ran_dry(self, call: Call) -> IncompleteStream:
        trailers = trailers_of(await call.trailing_metadata())
        return IncompleteStream(
            "the stream ended without `completed`",
            request_id=request_id(trailers),
            trace_id=trace_id(trailers),
        )

    def _fail(self, error: MainstayError) -> MainstayError:
        self._failure = error
        self.cancel()
        return error


def _began_anew(reset: pb.AttemptReset) -> IncompleteStream:
    why = pb.FailureKind.Name(reset.reason).removeprefix("FAILURE_KIND_")
    return IncompleteStream(
        f"the answer broke off ({why}) and began anew after some of its text had been handed out; "
        "whoever can only append passes policy=CallPolicy(recovery=RECOVERY_CONTINUE) to stream()"
    )
