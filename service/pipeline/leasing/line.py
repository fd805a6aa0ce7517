"""Who waits for a permit of one target: first come, first served, by whichever key is free first.

One line for all keys: nobody waits for one key while another is free, and nobody is overtaken. Whoever is at its head
is looked at when a request is over, and when the limits will have room again: that is one timer.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from math import inf

from service.policies.lane import Ahead
from service.policies.lanes import Lanes, Taken


class Line:
    """Of one target. `now` is the monotonic clock in seconds."""

    def __init__(self, lanes: Lanes, now: Callable[[], float]) -> None:
        self._lanes = lanes
        self._now = now
        self._waiting: OrderedDict[asyncio.Future[Taken], float] = OrderedDict()
        """How many tokens each wants."""
        self._tokens = 0.0
        """All of them together."""
        self._timer: asyncio.TimerHandle | None = None
        self._closed_until = -inf
        self._closed_why = ""

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def closed(self) -> str | None:
        """Why nobody is to wait here; None: one may."""
        return self._closed_why if self._now() < self._closed_until else None

    @property
    def opens_in(self) -> float:
        """Seconds until one may wait here."""
        return max(0.0, self._closed_until - self._now())

    def take(self, tokens: float) -> Taken | None:
        """A permit that is free now, for somebody who need not wait behind others; None: there is none."""
        return None if self._waiting else self._lanes.take(tokens)

    def due(self, tokens: float) -> float:
        """About how many seconds somebody who comes now will wait; inf: for ever."""
        return self._lanes.due(tokens, Ahead(len(self._waiting), self._tokens))

    async def wait(self, tokens: float) -> Taken:
        """A permit, when it is one's turn. Raises TurnedAway."""
        turn: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        self._waiting[turn] = tokens
        self._tokens += tokens
        if len(self._waiting) == 1:
            self.advance()
        try:
            return await turn
        except asyncio.CancelledError:
            self._leave(turn)
            raise

    def advance(self) -> None:
        """Lets through whoever can go, and sees to it that the next one is looked at in time."""
        while self._waiting:
            turn, tokens = next(iter(self._waiting.items()))
            if turn.done():  # cancelled, and not yet gone
                self._forget(turn)
                continue
            taken = self._lanes.take(tokens)
            if taken is None:
                break
            self._forget(turn)
            turn.set_result(taken)
        self._set_timer()

    def close(self, why: str, seconds: float) -> None:
        """Turns away all who wait, and for so long all who would have to."""
        self._closed_until, self._closed_why = self._now() + seconds, why
        turns = list(self._waiting)
        self._waiting.clear()
        self._tokens = 0.0
        self._set_timer()
        for turn in turns:
            if not turn.done():
                turn.set_exception(TurnedAway(why))

    def _leave(self, turn: asyncio.Future[Taken]) -> None:
        """Somebody goes before the turn came, or just as it did: then the permit is for the next."""
        self._forget(turn)
        if turn.done() and not turn.cancelled() and turn.exception() is None:
            taken = turn.result()
            taken.lane.give_back(taken.reserved)
        self.advance()

    def _forget(self, turn: asyncio.Future[Taken]) -> None:
        self._tokens = max(0.0, self._tokens - self._waiting.pop(turn, 0.0))

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiting:
            wait = self._lanes.wait(next(iter(self._waiting.values())))
            if wait < inf:
                self._timer = asyncio.get_running_loop().call_later(wait, self.advance)


class TurnedAway(Exception):
    """The line was closed; the message says why."""
