"""Gives up an attempt that takes too long to begin: a stream's first token, a whole answer's end."""

import asyncio
from collections.abc import Callable
from functools import partial

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply


class FirstAnswer:
    """Bounds the time to a stream's first delta, or to a whole answer's end. Later the stall clock goes."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises Failure(TOO_SLOW)."""
        limit = call.clocks.first_token if call.asks_for_stream else call.clocks.attempt
        if limit >= call.deadline - self._now() and not call.horizon.moves:  # the time limit comes first
            return await forward(call)
        clock = asyncio.timeout(limit)
        if call.asks_for_stream:
            call = changed(call, spoke=partial(_stop, clock, call.spoke))
        try:
            async with clock:
                return await forward(call)
        except TimeoutError:
            if not clock.expired():
                raise
        what = "no first token" if call.asks_for_stream else "no answer"
        raise Failure(pb.FAILURE_KIND_TOO_SLOW, f"{what} within {limit:g} s")


def _stop(clock: asyncio.Timeout, spoke: Callable[[], None]) -> None:
    clock.reschedule(None)
    spoke()
