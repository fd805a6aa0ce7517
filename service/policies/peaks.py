"""The highest level since any moment, of which only those are kept that can still be asked for."""

from bisect import bisect_left
from math import inf

MOST = 1024


class Peaks:
    """Moments are numbers that never go down; they need not be times."""

    def __init__(self) -> None:
        self._moments: list[float] = []
        self._levels: list[float] = []
        """Falling: one that a later one reaches is not asked for any more."""
        self._forgotten = -inf

    def note(self, moment: float, level: float) -> None:
        """So it was at that moment."""
        while self._levels and self._levels[-1] <= level:
            self._levels.pop()
            self._moments.pop()
        self._levels.append(level)
        self._moments.append(moment)
        if len(self._levels) > MOST:
            self._forgotten = self._moments[MOST // 2]
            del self._levels[: MOST // 2], self._moments[: MOST // 2]

    def since(self, moment: float) -> float:
        """The highest from then on: -inf if nothing was noted, inf if it is too long ago to know."""
        if moment < self._forgotten:
            return inf
        place = bisect_left(self._moments, moment)
        return self._levels[place] if place < len(self._levels) else -inf
