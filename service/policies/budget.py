"""How many further requests a target may get: a share of those that it gets anyway.

When a target is in trouble, retries multiply its load just when it can bear it least. So a call's first request to a
target deposits a fifth of a further one, and each further one withdraws one. A floor keeps small services retrying.
(The idea is tower's retry budget and Finagle's before it.)
"""

from collections.abc import Callable

DEPOSIT = 0.2
FLOOR_PER_SECOND = 3.0
CAP = 10 * FLOOR_PER_SECOND
"""Ten seconds' worth of the floor: what a quiet time can save up."""


class Budget:
    """The account of one target. `now` is the monotonic clock in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._at = now()
        self._balance = CAP

    @property
    def fill(self) -> float:
        """How full it is, from 0 to 1."""
        self._flow(0.0)
        return self._balance / CAP

    def deposit(self) -> None:
        """A call made its first request to the target."""
        self._flow(DEPOSIT)

    @property
    def has_one(self) -> bool:
        """Whether a further request could be paid for."""
        self._flow(0.0)
        return self._balance >= 1

    def withdraw(self) -> bool:
        """Whether a further request may be made; if so, it is paid for."""
        if not self.has_one:
            return False
        self._balance -= 1
        return True

    def give_back(self) -> None:
        """What was paid for was not asked for after all."""
        self._flow(1.0)

    def _flow(self, deposit: float) -> None:
        now = self._now()
        self._balance = min(CAP, self._balance + deposit + (now - self._at) * FLOOR_PER_SECOND)
        self._at = now
