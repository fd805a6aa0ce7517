"""When a slow request is sent a second time."""

from dataclasses import dataclass

from service.policies.latency import Latency


@dataclass(frozen=True, slots=True, kw_only=True)
class HedgeOptions:
    """Of one route. Seconds."""

    quantile: float = 0.95
    """Of the target's latency: a request that takes longer than that share of them is slow."""
    least: int = 20
    """Requests that must have been seen before anything is known of the others."""
    floor: float = 0.1
    """No request is slow before that."""
    ceiling: float = 10.0
    """Every request is slow after that."""
    spare: bool = False
    """The second copy goes to the next target of the route, not to the same."""


def delay_of(latency: Latency, options: HedgeOptions) -> float | None:
    """Seconds after which a request to the target is slow; None: too little is known.

    Never more than the slowest answer, even if most requests were given up earlier: else a bad minute would switch
    hedging off.
    """
    if len(latency) < options.least:
        return None
    quantile, longest = latency.quantile(options.quantile), latency.longest
    if quantile is None or longest is None:
        return None
    return min(max(min(quantile, longest), options.floor), options.ceiling)
