"""Where the permits of one target are given."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from service.chat.call import Call
from service.chat.target import Target
from service.pipeline.leasing.line import Line
from service.pipeline.leasing.permit import Permit
from service.pipeline.leasing.state import KeyState, TargetState
from service.policies.appetite import Appetite
from service.policies.keys import KeyRing
from service.policies.lane import Limits
from service.policies.lanes import Lanes


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is known of a target before anybody asked it."""

    limits: Limits = field(default_factory=Limits)
    """Of each key."""
    ring: KeyRing | None = None
    """Of its provider's keys; None: there is nothing to choose."""
    names: Sequence[str] = ("",)
    """What operators call the keys."""


class Desk:
    """Of one target. `now` is the monotonic clock in seconds."""

    def __init__(self, target: Target, terms: Terms, now: Callable[[], float]) -> None:
        self._target = target
        self._names = terms.names
        self._lanes = Lanes(target.model, terms.limits, terms.ring, now)
        self._counts_exactly = terms.limits.tokens_per_minute is not None
        self._appetite = Appetite()
        self.line = Line(self._lanes, now)

    def tokens(self, call: Call) -> float:
        """How many to reserve. Only a limit that is written is worth the time that an estimate takes.

        Where the provider's headers alone speak of one, each answer brings the truth, and the average will do.
        """
        if self._counts_exactly:
            return self._appetite.of(call.request, self._target.model)
        return self._appetite.usual if self._lanes.counts_tokens else 0.0

    def now(self, tokens: float) -> Permit | None:
        """A permit that is free now, if nobody waits for it; else None."""
        taken = self.line.take(tokens)
        return None if taken is None else Permit(taken, self.line, self._appetite)

    async def wait(self, tokens: float) -> Permit:
        """A permit, when it is one's turn. Raises TurnedAway."""
        return Permit(await self.line.wait(tokens), self.line, self._appetite)

    @property
    def state(self) -> TargetState:
        """How it is going."""
        keys = [
            KeyState(name, lane.in_flight, lane.fill, lane.held_for)
            for name, lane in zip(self._names, self._lanes.each, strict=True)
        ]
        return TargetState(self._target, len(self.line), self._lanes.fill, keys)
