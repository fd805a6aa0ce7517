"""Ends a call that runs out of its caller's time, early enough that the caller still hears why."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import TypeVar

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.failures import Failure
from service.chat.horizon import Horizon
from service.chat.patience import Patience
from service.chat.reply import Handler, Reply

T = TypeVar("T")

RESERVE_SHARE = 0.05
RESERVE_LEAST = 0.05
RESERVE_MOST = 0.5


class TimeLimit:
    """Bounds everything below it, before and after commit, by the deadline less a reserve."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises Failure(OUT_OF_TIME), also from the reply it returns."""
        limit = call.deadline - reserve(call.deadline - call.arrived)
        below = changed(call, horizon=Horizon(limit))  # nobody there is to plan with the reserve
        reply = await _within(limit - self._now(), partial(forward, below))
        return reply if reply.is_whole else Reply(_Limited(reply, limit - self._now()))


def reserve(budget: float) -> float:
    """Seconds kept back of a budget of that many seconds: 5 %, within 50 to 500 ms."""
    return min(max(budget * RESERVE_SHARE, RESERVE_LEAST), RESERVE_MOST)


class _Limited:
    def __init__(self, reply: Reply, seconds: float) -> None:
        self._reply = reply
        self._patience = Patience(_out_of_time)
        self._until = asyncio.get_running_loop().time() + seconds

    def __anext__(self) -> Coroutine[None, None, pb.ChatEvent]:
        return self._patience.wait(self._reply.__anext__, self._until)

    async def aclose(self) -> None:
        self._patience.close()
        await self._reply.aclose()


async def _within(seconds: float, work: Callable[[], Awaitable[T]]) -> T:
    limit = asyncio.timeout(seconds)
    try:
        if seconds > 0:
            async with limit:
                return await work()
    except TimeoutError:
        if not limit.expired():
            raise
    raise _out_of_time()


def _out_of_time() -> Failure:
    return Failure(pb.FAILURE_KIND_OUT_OF_TIME, "the caller's time ran out before the answer was whole")
