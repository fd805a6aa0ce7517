"""How much may go through now, so that a limit for a minute is kept in every minute.

A token bucket: a fifth of the limit may go at once, and the rest flows in over the minute; so no minute sees more than
the limit, wherever it begins. It knows the limit from the configuration, or from what the provider says of it.

What is taken is reserved: what a request really used is set against it later, as if it had been known from the
beginning. What has flowed over the brim meanwhile is not given back: nobody could have saved it up.
"""

from collections.abc import Callable
from math import inf

from service.chat.permit import Allowance
from service.policies.peaks import Peaks

FLOW = 0.8
"""Of the limit, that comes over a minute; the rest is what may go at once."""
MINUTE = 60.0
LEEWAY = 1e-6
"""What rounding may take away."""


class Bucket:
    """Of one limit; of none, if `per_minute` is None, until the provider speaks of one. `now` is monotonic."""

    def __init__(self, per_minute: float | None, now: Callable[[], float]) -> None:
        self._now = now
        self._at = now()
        self._is_written = per_minute is not None
        self.is_limited = self._is_written
        """Whether there is a limit, as far as is known."""
        self._rate = 0.0 if per_minute is None else FLOW * per_minute / MINUTE
        self._brim = inf if per_minute is None else max(1.0, (1 - FLOW) * per_minute)
        self._level = self._brim
        self._taken = 0.0
        self._heard = 0.0
        self._peaks = Peaks()

    @property
    def fill(self) -> float:
        """How full it is, from 0 to 1."""
        self._flow()
        return min(max(self._level / self._brim, 0.0), 1.0) if self.is_limited else 1.0

    def has(self, amount: float) -> bool:
        """Whether so much may go now. Of more than it ever holds all that it holds is enough, and the rest is owed."""
        self._flow()
        return self._level + LEEWAY >= min(amount, self._brim)

    def take(self, amount: float) -> float:
        """Takes so much, and gives a mark by which to come back to it."""
        if self.is_limited:
            self._flow()
            self._peaks.note(self._taken, self._level)
            self._level -= amount
        self._taken += amount
        return self._taken

    def wait(self, amount: float, ahead: float = 0.0) -> float:
        """Seconds until so much may go, once what is `ahead` of it has gone. inf: never, as far as is known."""
        self._flow()
        lack = min(amount, self._brim) + ahead - self._level
        if lack <= LEEWAY:
            return 0.0
        return lack / self._rate if self._rate else inf

    def correct(self, mark: float, reserved: float, used: float) -> None:
        """What was taken at the mark was in truth `used`; 0: nothing, it was turned away."""
        if not self.is_limited:
            return
        if not self._is_written and mark <= self._heard:
            return  # what the provider said since then is the truth
        self._flow()
        room = self._brim - max(self._level, self._peaks.since(mark))
        self._level += min(reserved - used, max(0.0, room))

    def learn(self, said: Allowance, mark: float) -> None:
        """What the provider said in its answer to the request that was taken at the mark.

        It did not count what was taken after that, so far as we can know. Older news than the last are none.
        """
        if mark < self._heard:
            return
        self._flow()
        self._heard = mark
        left = said.remaining - (self._taken - mark)
        if self._is_written:
            self._level = min(self._level, max(left, -self._brim))
            return
        self.is_limited = True
        self._brim = max(1.0, said.limit)
        self._rate = _rate(said)
        self._level = min(max(left, -self._brim), self._brim)

    def _flow(self) -> None:
        now = self._now()
        if self.is_limited:
            self._level = min(self._brim, self._level + (now - self._at) * self._rate)
        self._at = now


def _rate(said: Allowance) -> float:
    """What comes back in a second, from how much will have come back by when; a whole limit a minute if that is untold.

    So all vendors mean it who document it (OpenAI, Anthropic, Groq). If one means that nothing comes until then, it
    refuses, and tells how long to wait.
    """
    gone = said.limit - said.remaining
    if said.resets_in and gone > 0:
        return gone / said.resets_in
    return said.limit / MINUTE
