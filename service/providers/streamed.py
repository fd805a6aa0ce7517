"""Reads a streamed answer."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from math import inf

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.events import is_delta
from service.chat.failures import Failure
from service.chat.patience import Patience
from service.providers.http import Answer
from service.providers.opaque import with_issuer
from service.providers.wire import StreamDecoder

HELD_OPEN_SECONDS = 2.0
"""How long a provider may hold its connection open after a finish reason; then that is the end."""
TIDY_SECONDS = 0.05
"""How long the end of the body is waited for once the answer is whole, so that the connection can be used again."""

_FRAME = 4
"""Bytes of an event around its text."""

Heard = Callable[[Call, float], None]
"""Is told the seconds between two reads that brought deltas."""


class Streamed:
    """The source of a reply: the read loop, with the stall clock. All that arrives, comments too, is liveness."""

    def __init__(
        self, call: Call, started: pb.Started, answer: Answer, decoder: StreamDecoder, heard: Heard | None = None
    ) -> None:
        self._call = call
        self._events = deque([pb.ChatEvent(started=started)])
        self._answer = answer
        self._decoder = decoder
        self._stall = call.clocks.stall
        self._patience = Patience(partial(_stalled, self._stall))
        self._attempt = call.attempt
        self._ends_at: float | None = None
        """On the loop's clock, once a finish reason was seen."""
        self._heard = heard
        self._now = asyncio.get_running_loop().time
        self._heard_at: float | None = None

    async def __anext__(self) -> pb.ChatEvent:
        while not self._events:
            await self._advance()
        return self._events.popleft()

    async def aclose(self) -> None:
        self._patience.close()
        await self._answer.aclose()

    async def _advance(self) -> None:
        data = await self._read()
        if data:
            self._take(self._decoder.feed(data))
        if self._decoder.done:
            await self._tidy()
        if self._decoder.done or not data:
            self._events.extend(with_issuer(self._end(), self._call.target.provider))

    def _take(self, events: Sequence[pb.ChatEvent]) -> None:
        self._events.extend(with_issuer(events, self._call.target.provider))
        self._call.so_far.bytes += sum(map(pb.ChatEvent.ByteSize, events)) - _FRAME * len(events)
        if self._heard is not None and any(map(is_delta, events)):
            now = self._now()
            if self._heard_at is not None:
                self._heard(self._call, now - self._heard_at)
            self._heard_at = now

    def _read(self) -> Coroutine[None, None, bytes]:
        if self._decoder.finished:
            return self._read_last()
        if self._stall == inf:
            return self._answer.read()
        return self._patience.wait(self._answer.read, self._now() + self._stall)

    async def _read_last(self) -> bytes:
        """After the finish reason usage may come, and more; but what does not come soon, or breaks, is not missed."""
        if self._ends_at is None:
            self._ends_at = asyncio.get_running_loop().time() + HELD_OPEN_SECONDS
        try:
            async with asyncio.timeout_at(self._ends_at):
                return await self._answer.read()
        except (TimeoutError, Failure):
            return b""

    async def _tidy(self) -> None:
        """Reads the end of the body, which is all that is left."""
        try:
            async with asyncio.timeout(TIDY_SECONDS):
                await self._answer.read()
        except (TimeoutError, Failure):
            return

    def _end(self) -> list[pb.ChatEvent]:
        last = self._decoder.end()
        if self._attempt is not None and (skipped := self._decoder.skipped):
            self._attempt.detail = f"{skipped} malformed chunk{'s were' if skipped > 1 else ' was'} skipped"
        return last


def _stalled(seconds: float) -> Failure:
    return Failure(pb.FAILURE_KIND_STALLED, f"the stream fell silent for {seconds:g} s")
