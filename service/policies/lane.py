"""What one key may do at one target: requests and tokens for a minute, requests at a time.

Vendors count by key (or by the account behind it) and by model. Limits that are not there cost next to nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from service.chat.permit import Allowances
from service.policies.bucket import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one key at one target. None: no limit that we know of."""

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    concurrency: int | None = None
    from_headers: bool = True
    """Whether to believe what the provider's headers say of its limits."""


class Reserved(NamedTuple):
    """What one request holds."""

    tokens: float
    request_mark: float
    token_mark: float


class Ahead(NamedTuple):
    """Of those who come first."""

    requests: float = 0.0
    tokens: float = 0.0


NOBODY = Ahead()


class Lane:
    """Of one key at one target. `now` is the monotonic clock in seconds."""

    def __init__(self, limits: Limits, now: Callable[[], float]) -> None:
        self._now = now
        self._requests = Bucket(limits.requests_per_minute, now)
        self._tokens = Bucket(limits.tokens_per_minute, now)
        self._most = limits.concurrency or inf
        self._believes = limits.from_headers
        self._held_until = -inf
        self._is_open = self._knows_no_limit()
        """Then nothing has to be looked at."""
        self.in_flight = 0

    @property
    def counts_tokens(self) -> bool:
        """Whether there is a limit for them."""
        return self._tokens.is_limited

    @property
    def held_for(self) -> float:
        """Seconds for which the provider wants no request."""
        return max(0.0, self._held_until - self._now())

    @property
    def fill(self) -> float:
        """How much of the tightest limit is free, from 0 to 1."""
        free = 1.0 if self._most == inf else max(0.0, 1 - self.in_flight / self._most)
        return 0.0 if self.held_for else min(self._requests.fill, self._tokens.fill, free)

    def can(self, tokens: float) -> bool:
        """Whether a request of so many tokens may go now."""
        return self._is_open or (
            self.in_flight < self._most
            and self._held_until <= self._now()
            and self._requests.has(1)
            and self._tokens.has(tokens)
        )

    def take(self, tokens: float) -> Reserved:
        """It goes. Whoever takes says later what became of it, by `settle` or `give_back`."""
        self.in_flight += 1
        return Reserved(tokens, self._requests.take(1), self._tokens.take(tokens))

    def wait(self, tokens: float) -> float:
        """Seconds until such a request may go. inf: not before another one is over."""
        return self.due(tokens) if self.in_flight < self._most else inf

    def due(self, tokens: float, ahead: Ahead = NOBODY) -> float:
        """The same, once those ahead have gone; as if no request lasted any time."""
        return max(
            self.held_for,
            self._requests.wait(1, ahead.requests),
            self._tokens.wait(tokens, ahead.tokens),
        )

    def settle(self, reserved: Reserved, used: float | None) -> None:
        """A request is over; None: how many tokens it used is not known, so what was reserved stands."""
        self.in_flight -= 1
        if used is not None:
            self._tokens.correct(reserved.token_mark, reserved.tokens, used)

    def give_back(self, reserved: Reserved) -> None:
        """A request was turned away before any work."""
        self.in_flight -= 1
        self._requests.correct(reserved.request_mark, 1, 0)
        self._tokens.correct(reserved.token_mark, reserved.tokens, 0)

    def hold(self, seconds: float) -> None:
        """The provider wants no request for so long."""
        self._held_until = max(self._held_until, self._now() + seconds)
        self._is_open = False

    def learn(self, said: Allowances, reserved: Reserved) -> None:
        """What its answer to such a request says."""
        if not self._believes:
            return
        if said.requests is not None:
            self._requests.learn(said.requests, reserved.request_mark)
        if said.tokens is not None:
            self._tokens.learn(said.tokens, reserved.token_mark)
        self._is_open = self._knows_no_limit()

    def _knows_no_limit(self) -> bool:
        return (
            self._most == inf
            and self._held_until == -inf
            and not self._requests.is_limited
            and not self._tokens.is_limited
        )
