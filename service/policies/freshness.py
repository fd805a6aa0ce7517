"""Whether a kept answer may be given as it is, or only where nobody else can answer."""

from enum import Enum


class Freshness(Enum):
    """What an answer of some age is good for."""

    FRESH = "an answer like any other"
    STALE = "better than none"
    GONE = "nothing"


def freshness(age: float, *, ttl: float, stale_ttl: float, max_age: float) -> Freshness:
    """In seconds: fresh until `ttl`, and while it is no older than `max_age`; stale for `stale_ttl` after the `ttl`."""
    if age < ttl and age <= max_age:
        return Freshness.FRESH
    return Freshness.STALE if age < ttl + stale_ttl else Freshness.GONE
