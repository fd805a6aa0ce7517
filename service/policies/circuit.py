"""Whether a target may be asked: not while it keeps failing.

    closed ──too many failures──▶ open ──its time is over, and somebody asks──▶ half open
      ▲                            ▲                                              │    │
      └── the probe answers ───────┼──────────────────────────────────────────────┘    │
                                   └── the probe fails ─────────────────────────────────┘

- Half open, one request goes, the probe; if its caller leaves, the next request is the probe.
- Every change begins a new generation. What becomes of a request of an earlier one changes nothing, so that old news
  cannot close a new opening (gobreaker's idea).
- An answer counts when it begins. If it breaks later, that is a failure of its own, of that moment.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

GROWTH = 1.5
"""From one opening to the next, if the target was no better in between."""
BUCKETS = 10
"""Into which the window is cut."""
JITTER = 0.1
"""Of the time, up or down, though never beyond its most: replicas must not probe in step."""


class State(Enum):
    """Of a circuit."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitOptions:
    """When a circuit opens, and for how long. Seconds."""

    enabled: bool = True
    """Whether it opens at all."""
    window: float = 30.0
    """How far back failures count."""
    least: int = 10
    """Requests in the window below which their share of failures says nothing."""
    share: float = 0.5
    """Of failures in the window, at which it opens."""
    in_a_row: int = 5
    """Failures without an answer in between, at which it opens, however few there are in the window."""
    opens_for: float = 15.0
    """The first time."""
    opens_at_most: float = 30.0
    """After several times; what the target itself asks for may be longer."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Leave to ask the target once."""

    generation: int
    is_probe: bool


class Circuit:
    """That of one target. `now` is the monotonic clock in seconds, `random` is uniform over [0, 1)."""

    def __init__(self, options: CircuitOptions, now: Callable[[], float], random: Callable[[], float]) -> None:
        self._options = options
        self._now = now
        self._random = random
        self._window = _Window(options.window, now)
        self._streak = 0
        """Failures since the last answer."""
        self._generation = 0
        self._open_until: float | None = None
        """None: closed."""
        self._probing = False
        self._openings = 0
        """Since the target was last well for a while."""
        self._closed_at = now()
        self.why = ""
        """The failure that opened it."""

    @property
    def state(self) -> State:
        """Open until a probe is under way: only those who ask find out that the time is over."""
        if self._open_until is None:
            return State.CLOSED
        return State.HALF_OPEN if self._probing else State.OPEN

    @property
    def opens_in(self) -> float:
        """Seconds until a probe may go; 0: now."""
        return 0.0 if self._open_until is None else max(0.0, self._open_until - self._now())

    def enter(self) -> Pass | None:
        """Leave to ask; None: not now. Whoever gets it reports what became of it, once."""
        if self._open_until is None:
            return Pass(self._generation, is_probe=False)
        if self._probing or self._now() < self._open_until:
            return None
        self._probing = True
        self._generation += 1
        return Pass(self._generation, is_probe=True)

    def answered(self, leave: Pass, *, slowly: bool = False) -> None:
        """The answer began; a slow one counts as a failure among many, but not in a row."""
        if leave.generation != self._generation:
            return
        if leave.is_probe and self._probing:
            self._close()
            return
        self._streak = 0
        self._note("slow answers", failed=slowly)

    def failed(self, leave: Pass, why: str, *, at_least: float = 0.0, at_once: bool = False) -> None:
        """The target was to blame. `at_least`: seconds that it asked for. `at_once`: no need to wait for more."""
        if leave.generation != self._generation:
            return
        if leave.is_probe and self._probing:
            self._open(why, at_least)
            return
        self._count(why, at_least, at_once)

    def broke(self, why: str) -> None:
        """An answer that had begun broke: news of this moment, whenever it began."""
        if self._open_until is None:
            self._count(why, 0.0, at_once=False)

    def left(self, leave: Pass) -> None:
        """Nobody knows what would have become of it."""
        if leave.is_probe and leave.generation == self._generation:
            self._probing = False

    def _count(self, why: str, at_least: float, at_once: bool) -> None:
        self._streak += 1
        if at_once or self._streak >= self._options.in_a_row:
            self._open(why, at_least)
        else:
            self._note(why, failed=True, at_least=at_least)

    def _note(self, why: str, *, failed: bool, at_least: float = 0.0) -> None:
        self._window.add(failed)
        if not failed:
            return
        requests, failures = self._window.counts()
        if requests >= self._options.least and failures >= self._options.share * requests:
            self._open(why, at_least)

    def _open(self, why: str, at_least: float) -> None:
        if not self._options.enabled:
            return
        if self._open_until is None and self._now() - self._closed_at > self._options.opens_at_most:
            self._openings = 0
        seconds = self._options.opens_for * GROWTH ** min(self._openings, 32)
        most = self._options.opens_at_most
        seconds = min(min(seconds, most) * (1 + JITTER * (2 * self._random() - 1)), most)
        self._open_until = self._now() + max(seconds, at_least)
        self.why = why
        self._openings += 1
        self._begin()

    def _close(self) -> None:
        self._open_until = None
        self._closed_at = self._now()
        self._begin()

    def _begin(self) -> None:
        """A new generation, which knows nothing of the one before."""
        self._generation += 1
        self._probing = False
        self._streak = 0
        self._window.clear()


class _Window:
    """Requests and failures of the last seconds, by buckets."""

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        self._width = seconds / BUCKETS
        self._now = now
        self._buckets: deque[list[int]] = deque()
        """Number, requests, failures."""

    def add(self, failed: bool) -> None:
        number = self._number()
        if not self._buckets or self._buckets[-1][0] != number:
            self._buckets.append([number, 0, 0])
        self._buckets[-1][1] += 1
        self._buckets[-1][2] += failed

    def counts(self) -> tuple[int, int]:
        oldest = self._number() - BUCKETS
        while self._buckets and self._buckets[0][0] <= oldest:
            self._buckets.popleft()
        return sum(bucket[1] for bucket in self._buckets), sum(bucket[2] for bucket in self._buckets)

    def clear(self) -> None:
        self._buckets.clear()

    def _number(self) -> int:
        return int(self._now() // self._width)
