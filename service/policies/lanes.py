"""What all keys of a provider may do at one of its models, and which of them goes next."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from service.policies.keys import KeyRing
from service.policies.lane import NOBODY, Ahead, Lane, Limits, Reserved


class Taken(NamedTuple):
    """Leave for one request."""

    key: int
    """By its position."""
    lane: Lane
    reserved: Reserved


class Lanes:
    """A lane for each key. Without a ring there is one: whatever we identify by, it is all the same."""

    def __init__(self, model: str, limits: Limits, ring: KeyRing | None, now: Callable[[], float]) -> None:
        self._model = model
        self._ring = ring if ring is not None and len(ring) > 1 else None
        self.each: Sequence[Lane] = [Lane(limits, now) for _ in range(1 if self._ring is None else len(self._ring))]

    @property
    def counts_tokens(self) -> bool:
        """Whether any of them has a limit for tokens."""
        return any(lane.counts_tokens for lane in self.each)

    @property
    def fill(self) -> float:
        """How much of the limit is free, from 0 to 1, of the freest that can be used."""
        return max(self.each[key].fill for key in self._usable())

    def take(self, tokens: float) -> Taken | None:
        """With the key whose turn it is of those that are free; None: none is."""
        if self._ring is None:
            key = 0
            if not self.each[0].can(tokens):
                return None
        else:
            free = [key for key in self._usable() if self.each[key].can(tokens)]
            if not free:
                return None
            key = self._ring.in_turn(free)
        return Taken(key, self.each[key], self.each[key].take(tokens))

    def wait(self, tokens: float) -> float:
        """Seconds after which it is worth to try again. inf: not before a request is over."""
        lane_is_free = min(self.each[key].wait(tokens) for key in self._usable())
        return lane_is_free if self._ring is None else min(lane_is_free, self._ring.back_in(self._model))

    def due(self, tokens: float, ahead: Ahead = NOBODY) -> float:
        """Seconds until such a request may go once those ahead have, who share the keys; a guess."""
        usable = self._usable()
        share = Ahead(ahead.requests / len(usable), ahead.tokens / len(usable))
        return min(self.each[key].due(tokens, share) for key in usable)

    def _usable(self) -> Sequence[int]:
        return (0,) if self._ring is None else self._ring.usable(self._model)
