"""Drain: how the server takes leave of its callers. gRPC's own stop would cut them off without a word.

serving ──▶ noticed ──────▶ refusing ──────▶ aborting ──────▶ over
            health says     new calls are    open calls end    nobody is open, and
            NOT_SERVING     turned away      themselves        nobody has come for a moment

Every caller that is turned away or cut short hears UNAVAILABLE, DRAINING, and when to ask again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from enum import Enum
from typing import TypeVar

import grpc

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.rpc.status import ASK_AGAIN_SECONDS, Refusal

T = TypeVar("T")

MARGIN_SECONDS = 2.0
"""How long before the end of the grace open calls are told to end, so that they can still say why."""
QUIET_SECONDS = 0.2
"""So long nobody has come or gone before it is over: whoever was answered a moment ago may be asking again."""


class Stage(Enum):
    """How far the leave has come."""

    SERVING = "serving"
    NOTICED = "noticed"
    REFUSING = "refusing"
    ABORTING = "aborting"


class Drain:
    """The calls that are open, and whether new ones are let in."""

    def __init__(self) -> None:
        self.stage = Stage.SERVING
        self._stays: set[Stay] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()
        self._latest = float("-inf")
        """When somebody last came or went, in the loop's time."""
        self.refused = 0
        """Calls that were turned away."""
        self.cut = 0
        """Open calls that were told to end."""

    @property
    def open_calls(self) -> int:
        """How many."""
        return len(self._stays)

    async def run(self, *, notice: float, grace: float) -> None:
        """Returns once no call is open or comes, after `notice` seconds at the earliest, or time is up.

        After `grace` seconds less the margin, which a short grace halves, all that are open are told to end; a longer
        notice is cut to it. Half the margin later time is up, so that there is some left for last words.
        """
        margin = min(MARGIN_SECONDS, grace / 2)
        notice = min(notice, grace - margin)
        self.stage = Stage.NOTICED
        await asyncio.sleep(notice)
        self.stage = Stage.REFUSING
        await self._quiet(within=grace - margin - notice)
        self.abort()
        await self._quiet(within=margin / 2)

    async def _quiet(self, *, within: float) -> None:
        """Returns once nobody is open and nobody has come for a moment, or that many seconds are over."""
        loop = asyncio.get_running_loop()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._nobody.wait()
                while (left := self._latest + QUIET_SECONDS - loop.time()) > 0:  # noqa: ASYNC110 - a timer, which calls put off
                    await asyncio.sleep(left)

    def abort(self) -> None:
        """Lets nobody in and tells every open call to end."""
        self.stage = Stage.ABORTING
        self.cut += len(self._stays)
        for stay in self._stays:
            stay.end()

    def admit(self) -> None:
        """Raises Refusal once calls are turned away."""
        self._latest = asyncio.get_running_loop().time()
        if self.stage in (Stage.REFUSING, Stage.ABORTING):
            self.refused += 1
            raise _draining("this server is shutting down: ask again, another may answer")

    def enter(self, stay: "Stay") -> None:
        """Counts an open call. Raises Refusal."""
        self.admit()
        self._stays.add(stay)
        self._nobody.clear()

    def leave(self, stay: "Stay") -> None:
        """Counts it no more."""
        self._stays.remove(stay)
        self._latest = asyncio.get_running_loop().time()
        if not self._stays:
            self._nobody.set()


class Stay:
    """One call's time at the edge, which its deadline ends, and drain can. Used once.

    The deadline is that of the whole call: also for a caller that does not read, whom no layer below can see.

    Two may cancel the task of a call: gRPC, when its caller has left, and we. Ours is a timeout, which also fires when
    told to, because a timeout keeps the two apart:
    - ours alone comes out as Refusal or Failure, after the work has cleaned up, and leaves the task free to abort;
    - if gRPC cancels too, before or after, CancelledError goes on: nobody is there to hear of it;
    - work that ends in spite of it, well or badly, ends so: it had its outcome before it noticed.
    Ours comes while the work awaits, never in `undisturbed`, never before or after the work.
    """

    def __init__(self, drain: Drain) -> None:
        self._drain = drain
        self._limit = asyncio.timeout(None)
        self._deadline: float | None = None
        self._told = False
        self._held = False

    async def through(self, work: Callable[[], Awaitable[T]]) -> T:
        """The result of the work. Raises Refusal, at once or in the middle, and Failure(OUT_OF_TIME)."""
        self._drain.enter(self)
        try:
            async with self._limit:
                return await work()
        except TimeoutError:
            if not self._limit.expired():
                raise
            if self._told:
                raise _draining("this server is shutting down before the answer is whole: ask again") from None
            raise Failure(pb.FAILURE_KIND_OUT_OF_TIME, "the caller's time ran out before it had read all") from None
        finally:
            self._drain.leave(self)

    def until(self, seconds: float) -> None:
        """Sets the deadline, that many seconds from now."""
        self._deadline = asyncio.get_running_loop().time() + seconds
        self._reschedule()

    def end(self) -> None:
        """Interrupts the work wherever it waits, or as soon as it may be disturbed."""
        if not self._limit.expired():  # else its deadline is interrupting it already
            self._told = True
            self._reschedule()

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """Puts off what `end` does, also when it was called a moment ago and has not yet come to pass."""
        self._held = True
        self._reschedule()
        try:
            yield
        finally:
            self._held = False
            self._reschedule()

    def _reschedule(self) -> None:
        self._limit.reschedule(None if self._held else 0 if self._told else self._deadline)


def _draining(message: str) -> Refusal:
    return Refusal(grpc.StatusCode.UNAVAILABLE, "DRAINING", message, retry_after=ASK_AGAIN_SECONDS)
