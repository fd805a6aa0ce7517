"""The hours in which a vendor asks its whole price."""

from dataclasses import dataclass

_DAY = 86_400
_HOUR = 3_600
_THURSDAY = 3  # the first of January 1970


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """Hours of the week, in UTC, and what share of the price is asked outside them."""

    weekdays: frozenset[int]
    """Monday is 0."""
    hours: tuple[tuple[int, int], ...]
    """From the first hour until the second one, which is no longer in it."""
    otherwise_percent: int
    """Of the price, at every other time."""

    def holds(self, when: float) -> bool:
        """Whether `when`, in seconds since 1970, lies in it."""
        day, second = divmod(int(when), _DAY)
        if (day + _THURSDAY) % 7 not in self.weekdays:
            return False
        hour = second // _HOUR
        return any(start <= hour < end for start, end in self.hours)
