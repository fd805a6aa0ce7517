"""An open answer, and how it ended.

A Reply is read by one task. Its first event is `started` (who answers), its last is `completed`. It ends exactly once:

    reading ──┬─ `completed` was read ────────────▶ Completed
              ├─ its source raised, or ran dry ────▶ Broken
              └─ it was closed before its end ─────▶ Abandoned

Whoever holds a Reply exhausts it or closes it; at its end, of any kind, it closes its source.
"""

import warnings
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure


@dataclass(frozen=True, slots=True)
class Completed:
    """The answer is whole; `response` is what its `completed` event said."""

    response: pb.ChatResponse


@dataclass(frozen=True, slots=True)
class Broken:
    """The answer failed on its way."""

    failure: Failure


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Its holder closed it before its end: neither success nor failure."""


Ending = Completed | Broken | Abandoned
Watcher = Callable[[Ending], None]


class Source(Protocol):
    """Where the events of a Reply come from; a Reply is one itself."""

    async def __anext__(self) -> pb.ChatEvent:
        """The next event. Raises Failure, or StopAsyncIteration after the last one."""
        ...

    async def aclose(self) -> None:
        """Lets go of everything; called once, also in the middle."""
        ...


class Reply:
    """An open answer: an async iterator of events, each of which belongs to its reader."""

    def __init__(self, source: Source) -> None:
        self.at_hand: Sequence[pb.ChatEvent] = ()
        """All events, if they are here already: then reading never waits. They are its reader's, not to be changed."""
        self._source = source
        self._next: deque[pb.ChatEvent] = deque()
        """Events that come before those of the source."""
        self._watchers: list[Watcher] = []
        self._ending: Ending | None = None

    @classmethod
    def whole(cls, events: Iterable[pb.ChatEvent]) -> Self:
        """A Reply whose events, `completed` among them, are all here already."""
        reply = cls(_Nothing())
        reply.at_hand = tuple(events)
        reply._next.extend(reply.at_hand)
        return reply

    @property
    def is_whole(self) -> bool:
        """Every event is here already: reading never waits."""
        return bool(self.at_hand)

    def watch(self, watcher: Watcher) -> None:
        """Calls `watcher` exactly once, when the reply ends, or now if it has."""
        if self._ending is None:
            self._watchers.append(watcher)
        else:
            watcher(self._ending)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> pb.ChatEvent:
        if self._ending is not None:
            if isinstance(self._ending, Completed):
                raise StopAsyncIteration
            raise RuntimeError(f"a reply was read after its end ({self._ending})")
        try:
            event = self._next.popleft() if self._next else await self._source.__anext__()
        except StopAsyncIteration:
            raise await self._broken(Failure(pb.FAILURE_KIND_CUT_OFF, "the answer ended before its end")) from None
        except Failure as failure:
            raise await self._broken(failure) from failure.__cause__
        if event.HasField("completed"):
            await self._end(Completed(event.completed))
        return event

    def put_back(self, events: Iterable[pb.ChatEvent]) -> None:
        """Lets the first events be read once more. Not the last one: with it the reply has ended."""
        self._next.extendleft(reversed(list(events)))

    async def read(self) -> Sequence[pb.ChatEvent]:
        """All events, of a reply that nobody has begun to read. Raises Failure."""
        if not self.is_whole or self._ending is not None:
            return [event async for event in self]
        await self._end(Completed(self.at_hand[-1].completed))
        return self.at_hand

    async def aclose(self) -> None:
        """Gives the answer up, unless it has ended."""
        if self._ending is None:
            await self._end(Abandoned())

    async def _broken(self, failure: Failure) -> Failure:
        await self._end(Broken(failure))
        return failure

    async def _end(self, ending: Ending) -> None:
        self._ending = ending
        for watcher in self._watchers:
            watcher(ending)
        self._watchers.clear()
        await self._source.aclose()

    def __del__(self) -> None:
        if self._ending is None:
            warnings.warn(f"a reply was neither read to its end nor closed: {self!r}", ResourceWarning, stacklevel=2)


class _Nothing:
    async def __anext__(self) -> pb.ChatEvent:
        raise StopAsyncIteration

    async def aclose(self) -> None:
        return


Handler = Callable[[Call], Awaitable[Reply]]
"""Answers a call. Returns only once the reply is committed; raises Failure until then."""
