"""One request whose answer several equal calls read.

    opened ──▶ waits for commit ──▶ runs: events go into a log, each reader reads on its own ──┬─▶ complete
                     │                                      │                                  └─▶ broken
                     └──────────────────────────────────────┴── the last reader leaves ──▶ given up

One task talks to the layers below, so that no reader's cancellation and no reader's time limit can reach there. It
keeps the pace of the fastest reader. The last reader who leaves ends the task and waits until it is over.
"""

import asyncio
from collections.abc import Callable

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.failures import Failure
from service.chat.horizon import Horizon
from service.chat.reply import Handler, Reply
from service.chat.tasks import give_up
from service.pipeline.event_log import EventLog

AHEAD_BYTES = 64 * 2**10
"""So much may be read that no reader has asked for: what arrives together from a provider is read together."""


class Flight:
    """Begins at once; whoever opens it takes the first `reply`. Every reply is exhausted or closed, as any other is."""

    def __init__(self, call: Call, forward: Handler, full: Callable[["Flight"], None]) -> None:
        """`full` is told when nobody may join any more; perhaps more than once."""
        self.call = call
        """Of whoever opened it: its ledger has the attempts, also when it has left."""
        self._full = full
        self._log = EventLog()
        self._deadlines: dict[Reader, float] = {}
        """Of those who read, or wait for the commit."""
        self._horizon = Horizon(call.deadline, moves=True)
        self._is_whole = False
        """All events have come; for whoever could still join, they are all in the log."""
        self._failure: Failure | None = None
        self._news = asyncio.Event()
        self._asked = asyncio.Event()
        self._task = asyncio.create_task(self._fly(changed(call, horizon=self._horizon), forward))
        self._task.add_done_callback(lambda task: self._news.set())

    async def reply(self, call: Call) -> Reply:
        """The answer for one more call, from its beginning. Returns once it is committed. Raises Failure."""
        reader = Reader(self)
        self._deadlines[reader] = call.deadline
        self._horizon.at = max(self._horizon.at, call.deadline)
        try:
            await self.reach(0)
        except BaseException:
            await reader.aclose()
            raise
        if not self._is_whole:
            return Reply(reader)
        self._full(self)
        events = self._log.copies()
        await reader.aclose()
        return Reply.whole(events)

    def has(self, number: int) -> bool:
        """Whether that event has come."""
        return number < self._log.end

    async def reach(self, number: int) -> None:
        """Returns once that event has come. Raises Failure."""
        while not self.has(number):
            if self._task.done():
                raise self._why_broken()
            self._news.clear()
            await self._news.wait()

    def take(self, number: int) -> pb.ChatEvent:
        """The event of that number, which has come; it is the taker's. Raises Failure."""
        event = self._log.take(number)
        if event is None:
            raise Failure(
                pb.FAILURE_KIND_CUT_OFF,
                "read too slowly: equal calls that share the answer are far ahead, and it is long",
            )
        if not self._is_ahead:
            self._asked.set()
        if self._log.start or event.HasField("completed"):
            self._full(self)
        return event

    async def leave(self, reader: "Reader") -> None:
        """Counts a reader no more. Returns, if it was the last, once nothing is open any more."""
        gone = self._deadlines.pop(reader)
        if self._deadlines:
            if gone == self._horizon.at:
                self._horizon.at = max(self._deadlines.values())
            return
        self._full(self)
        await give_up([self._task])  # a fault that it ends with now is nobody's to hear: asyncio tells the log

    async def _fly(self, call: Call, forward: Handler) -> None:
        try:
            reply = await forward(call)
            if reply.is_whole:
                for event in await reply.read():
                    self._log.append(event)
            else:
                await self._read(reply)
        except BaseException as error:
            self._full(self)
            if not isinstance(error, Failure):
                raise
            self._failure = error.copy()  # its traceback holds this flight, which would hold it: both would linger
        else:
            self._is_whole = True

    async def _read(self, reply: Reply) -> None:
        try:
            async for event in reply:
                self._log.append(event)
                self._news.set()
                while self._is_ahead:
                    self._asked.clear()
                    await self._asked.wait()
        finally:
            await reply.aclose()

    @property
    def _is_ahead(self) -> bool:
        return self._log.unread_bytes > AHEAD_BYTES

    def _why_broken(self) -> BaseException:
        """What a reader is to raise: of a failure a copy, because a raised one holds on to all who have raised it."""
        if self._failure is not None:
            return self._failure.copy()
        fault = None if self._task.cancelled() else self._task.exception()
        return fault or Failure(pb.FAILURE_KIND_CANCELLED, "the request was given up")


class Reader:
    """The source of one caller's reply."""

    def __init__(self, flight: Flight) -> None:
        self._flight = flight
        self._next = 0

    async def __anext__(self) -> pb.ChatEvent:
        if not self._flight.has(self._next):
            await self._flight.reach(self._next)
        event = self._flight.take(self._next)
        self._next += 1
        return event

    async def aclose(self) -> None:
        await self._flight.leave(self)
