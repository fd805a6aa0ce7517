"""Whether a target can begin to answer in the time that is left."""

from collections.abc import Callable

from service.policies.latency import Latency

LEAST = 10
"""Requests that must have been seen before anything is known of the next one."""
ANYWAY = 0.05
"""Of the calls for which there is no time go to the target all the same: it may have become faster."""


def too_late(latency: Latency, left: float, random: Callable[[], float]) -> str | None:
    """Why a target is not asked with `left` seconds to go; None: it is.

    Half of all requests take longer than the median: a call with less time would more likely be lost than answered.
    `random` is uniform over [0, 1).
    """
    if len(latency) < LEAST or not latency.is_fresh:
        return None
    median = latency.quantile(0.5)
    if median is None or median <= left or random() < ANYWAY:
        return None
    return f"it takes {median:.1f} s to begin, and there are {left:.1f} s left"
