"""How long each stage of an attempt may take."""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True, slots=True)
class Clocks:
    """Limits in seconds. Provider, route and call each have their own; the tightest wins."""

    stall: float = inf
    """Longest silence between two reads of a provider's stream."""

    def tightened(self, other: "Clocks") -> "Clocks":
        """The tighter of both, limit by limit."""
        return Clocks(stall=min(self.stall, other.stall))
