"""How long a target takes until it answers, from what was seen of it lately.

A request that was given up is a censored sample: it would have taken longer than this, nobody knows how much. To leave
those out would make a target that is hedged look faster the slower it is, and then be hedged ever more. So quantiles
are those of the product-limit estimator (Kaplan and Meier, 1958), which takes such samples for what they are.
"""

from collections import deque
from collections.abc import Callable
from itertools import groupby
from typing import NamedTuple

SAMPLES = 200
"""The latest so many count."""
STALE_SECONDS = 60.0
"""After so long without a sample, nobody knows how fast the target is now."""
EVERY = 16
"""Samples after which a quantile is looked up anew; a sort of all of them costs as much as a short request."""
ROUNDING = 1e-9


class _Sample(NamedTuple):
    seconds: float
    censored: bool


class Latency:
    """That of one target, asked in one way. `now` is the monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._samples: deque[_Sample] = deque(maxlen=SAMPLES)
        self._seen_at = -STALE_SECONDS
        self._known: dict[float, float] = {}
        """Quantiles that were looked up since the last `EVERY` samples."""
        self._new = 0

    def saw(self, seconds: float) -> None:
        """It answered after so long."""
        self._add(_Sample(seconds, censored=False))

    def gave_up(self, seconds: float) -> None:
        """It had not answered by then."""
        self._add(_Sample(seconds, censored=True))

    @property
    def is_fresh(self) -> bool:
        """Whether there is a sample that is not old."""
        return self._now() - self._seen_at < STALE_SECONDS

    def __len__(self) -> int:
        return len(self._samples)

    def quantile(self, share: float) -> float | None:
        """Seconds within which that share of requests is answered; None: nothing was seen yet.

        If more than the rest were given up before, the longest time that was seen: it is at least that.
        """
        if not self._samples:
            return None
        if share not in self._known:
            self._known[share] = _quantile(sorted(self._samples), share)
        return self._known[share]

    @property
    def longest(self) -> float | None:
        """Seconds of the slowest answer; None: there was none."""
        return max((sample.seconds for sample in self._samples if not sample.censored), default=None)

    def _add(self, sample: _Sample) -> None:
        self._samples.append(sample)
        self._seen_at = self._now()
        self._new += 1
        if self._new >= EVERY or len(self._samples) <= EVERY:
            self._new = 0
            self._known.clear()


def _quantile(samples: list[_Sample], share: float) -> float:
    at_risk, unanswered = len(samples), 1.0
    for seconds, together in groupby(samples, key=_seconds):
        censored = [sample.censored for sample in together]
        unanswered *= 1 - censored.count(False) / at_risk
        if unanswered <= 1 - share + ROUNDING:
            return seconds
        at_risk -= len(censored)
    return samples[-1].seconds


def _seconds(sample: _Sample) -> float:
    return sample.seconds
