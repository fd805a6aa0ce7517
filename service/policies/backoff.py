"""How long to wait before the same target is asked again."""

from collections.abc import Callable
from typing import Final

from mainstay import v1 as pb
from service.chat.failures import Failure

CROWDED: Final = frozenset({pb.FAILURE_KIND_RATE_LIMITED, pb.FAILURE_KIND_OVERLOADED})
"""Kinds of failure that asking again too soon makes worse."""
BASE_SECONDS = 1.0
FACTOR = 2.0
CAP_SECONDS = 60.0
STEP_SECONDS = 0.2
SHARE = 0.5
"""Of the time that is left, what a wait may take while there are other targets, which then need the rest."""


def wait_before(tries: int, failure: Failure, random: Callable[[], float]) -> float:
    """Seconds to wait after the `tries`-th request to a target, from 1, failed; `random` is uniform over [0, 1).

    What the provider asked for, if it did. Else after a crowded failure full jitter over an exponential ceiling, which
    spreads callers best (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/), and after others,
    where nobody is to be spared, a short step that grows linearly.
    """
    if failure.retry_after is not None:
        return failure.retry_after
    if failure.kind in CROWDED:
        return random() * min(CAP_SECONDS, BASE_SECONDS * FACTOR ** min(tries - 1, 32))
    return STEP_SECONDS * tries
