"""Until when an answer is of use to anybody."""

from dataclasses import dataclass


@dataclass(slots=True)
class Horizon:
    """A deadline, in seconds of the monotonic clock; the latest one, where several callers wait for one answer."""

    at: float
    moves: bool = False
    """Whether callers may yet come who wait for longer, or those leave who do: then no limit may rely on it."""
