"""How long each stage of an attempt may take."""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Clocks:
    """Limits in seconds. Provider, route and call each have their own; the tightest wins."""

    connect: float = inf
    """To reach the provider, TLS included."""
    first_token: float = inf
    """To the first delta, where the provider streams."""
    stall: float = inf
    """Between two reads of a provider's stream."""
    attempt: float = inf
    """To the end of the answer, where the provider answers in one piece."""

    def tightened(self, other: "Clocks") -> "Clocks":
        """The tighter of both, limit by limit."""
        return Clocks(
            min(self.connect, other.connect),
            min(self.first_token, other.first_token),
            min(self.stall, other.stall),
            min(self.attempt, other.attempt),
        )
