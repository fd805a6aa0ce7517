"""Asks one provider: the leaf below all layers."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.failures import Failure
from service.chat.reply import Reply
from service.providers.http import Answer, Http
from service.providers.wire import StreamDecoder, Wire

HELD_OPEN_SECONDS = 2.0
"""How long a connection may stay silent after a finish reason before that counts as the end."""
TIDY_SECONDS = 0.05
"""How long the end of the body is waited for once the answer is whole, so that the connection can be used again."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a provider is and how its answers are marked. `headers` holds the credential and never leaves this file."""

    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    source: pb.Source.ValueType = pb.SOURCE_MODEL
    clocks: Clocks = field(default_factory=Clocks)


class Provider:
    """A handler that asks the model of the call's target, and streams if the caller does."""

    def __init__(
        self,
        address: Address,
        wire: Wire,
        http: Http,
        inject: Callable[[Call], Mapping[str, str]],
    ) -> None:
        """`inject` gives the headers by which the provider can join the call's trace."""
        self._address = address
        self._wire = wire
        self._http = http
        self._inject = inject

    async def __call__(self, call: Call) -> Reply:
        """The answer, from its first byte. Raises Failure."""
        question = self._wire.encode(call.request, call.target.model, stream=call.streamed)
        url = self._address.base_url + question.path
        answer = await self._http.post(url, {**self._address.headers, **self._inject(call)}, question.body)
        if call.attempt is not None:
            call.attempt.provider_request_id = self._wire.request_id(answer.headers)
        try:
            return await self._reply(call, answer, question.adjustments)
        except BaseException:
            await answer.aclose()
            raise

    async def _reply(self, call: Call, answer: Answer, adjustments: list[pb.Adjustment]) -> Reply:
        if not 200 <= answer.status < 300:
            raise self._wire.failure(answer.status, answer.headers, await answer.read_error())
        started = pb.Started(source=self._address.source, provider=call.target.provider, model=call.target.model)
        if not call.streamed:
            events = self._wire.decode(await answer.read_all())
            await answer.aclose()
            events[-1].completed.adjustments.extend(adjustments)
            return Reply.whole([pb.ChatEvent(started=started), *events])
        stall = self._address.clocks.tightened(call.clocks).stall
        return Reply(_Streamed(started, answer, self._wire.stream_decoder(), stall, adjustments, call.attempt))


class _Streamed:
    """The read loop of a streamed answer, with the stall clock: all that arrives, comments too, is liveness."""

    def __init__(
        self,
        started: pb.Started,
        answer: Answer,
        decoder: StreamDecoder,
        stall: float,
        adjustments: list[pb.Adjustment],
        attempt: pb.Attempt | None,
    ) -> None:
        self._events = deque([pb.ChatEvent(started=started)])
        self._answer = answer
        self._decoder = decoder
        self._stall = stall
        self._adjustments = adjustments
        self._attempt = attempt

    async def __anext__(self) -> pb.ChatEvent:
        while not self._events:
            data = await self._read()
            if data:
                self._events.extend(self._decoder.feed(data))
            if self._decoder.done:
                await self._tidy()
            if self._decoder.done or not data:
                self._events.extend(self._end())
        return self._events.popleft()

    def _end(self) -> list[pb.ChatEvent]:
        last = self._decoder.end()
        last[-1].completed.adjustments.extend(self._adjustments)
        if self._attempt is not None and (skipped := self._decoder.skipped):
            self._attempt.detail = f"{skipped} malformed chunk{'s were' if skipped > 1 else ' was'} skipped"
        return last

    async def _read(self) -> bytes:
        finished = self._decoder.finished
        patience = min(self._stall, HELD_OPEN_SECONDS) if finished else self._stall
        try:
            async with asyncio.timeout(patience if patience < inf else None):
                return await self._answer.read()
        except TimeoutError:
            if finished:
                return b""
            raise Failure(pb.FAILURE_KIND_STALLED, f"the stream fell silent for {patience:g} s") from None
        except Failure:
            if finished:
                return b""
            raise

    async def _tidy(self) -> None:
        """Reads the end of the body, which is all that is left."""
        try:
            async with asyncio.timeout(TIDY_SECONDS):
                await self._answer.read()
        except (TimeoutError, Failure):
            return

    async def aclose(self) -> None:
        await self._answer.aclose()
