"""How permits are going, for people and metrics."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.chat.target import Target


@dataclass(frozen=True, slots=True)
class KeyState:
    """One key at one target."""

    name: str
    in_flight: int
    free: float
    """How much of its tightest limit, from 0 to 1."""
    held_for: float
    """Seconds for which the provider wants no request with it."""


@dataclass(frozen=True, slots=True)
class TargetState:
    """One target."""

    target: Target
    waiting: int
    """Calls."""
    free: float
    """How much of its tightest limit, from 0 to 1, with the key that has most."""
    keys: Sequence[KeyState]

    @property
    def in_flight(self) -> int:
        """Requests that are under way."""
        return sum(key.in_flight for key in self.keys)
