"""The same target again: after a wait, within its budget, while there are tries and time left.

With another key it is asked at once, and that is no try: it was the key that failed, not the target.
"""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.failures import Again, Failure
from service.chat.reply import Handler, Reply
from service.pipeline.facts import Observe, RetryForgone, RetryScheduled
from service.policies.backoff import SHARE, wait_before
from service.policies.budget import Budget
from service.policies.per_target import PerTarget


@dataclass(frozen=True, slots=True)
class RetryOptions:
    """Requests that one call makes to the first target and to each later one; `max_wait` in seconds."""

    first: int = 3
    later: int = 2
    max_wait: float = 5.0


class Retry:
    """Asks the call's target until it answers or asking again makes no sense; then the last failure stands."""

    def __init__(
        self,
        *,
        options: RetryOptions,
        budgets: PerTarget[Budget],
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
        observe: Observe,
    ) -> None:
        self._options = options
        self._budgets = budgets
        self._now = now
        self._sleep = sleep
        self._random = random
        self._observe = observe

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises the last failure of a request: that there was none after it explains nothing."""
        if call.cause == pb.ATTEMPT_CAUSE_RETRY:
            return await forward(call)  # whoever stands further out and asks again has paid for it, and asks once
        budget = self._budgets[call.target]
        if call.cause == pb.ATTEMPT_CAUSE_RECOVERY and call.ledger.requests_to(call.target):
            budget.withdraw()  # whoever recovers has looked that there is one
        else:
            budget.deposit()
        most = self._options.first if call.cause == pb.ATTEMPT_CAUSE_FIRST else self._options.later
        earlier: list[Failure] = []
        try:
            return await self._answered(call, forward, most, earlier)
        finally:
            earlier.clear()  # a failure's traceback holds the frames that hold the list: the request would linger

    async def _answered(self, call: Call, forward: Handler, most: int, earlier: list[Failure]) -> Reply:
        budget, tries = self._budgets[call.target], 1
        while True:
            try:
                return await forward(call)
            except Failure as failure:
                if failure.unasked and earlier:
                    budget.give_back()
                    raise earlier[0] from failure
                wait = self._wait(call, failure, tries, most)
                if wait is None:
                    raise
                if not budget.withdraw():
                    self._observe(call, RetryForgone(len(call.ledger), call.target, failure))
                    raise
                self._observe(call, RetryScheduled(len(call.ledger), call.target, failure, wait))
                tries += not _with_another_key(failure)
                earlier[:] = [failure]
            await self._sleep(wait)
            call = changed(call, cause=pb.ATTEMPT_CAUSE_RETRY)

    def _wait(self, call: Call, failure: Failure, tries: int, most: int) -> float | None:
        """Seconds until the next try; None if there is to be none."""
        if failure.unasked or call.ledger.requests >= call.conditions.max_attempts:
            return None
        if _with_another_key(failure):
            return 0.0
        if tries >= min(most, _allowed(failure.verdict.again)):
            return None
        wait = wait_before(tries, failure, self._random)
        left = (call.deadline - self._now()) * (SHARE if call.others else 1)
        return wait if wait <= self._options.max_wait and wait < left else None


def _with_another_key(failure: Failure) -> bool:
    return failure.verdict.rotate_key and failure.another_key


def _allowed(again: Again) -> float:
    """Tries in all that a failure of this kind allows."""
    match again:
        case Again.NO:
            return 1
        case Again.ONCE:
            return 2
        case Again.YES | Again.IF_SOON:
            return math.inf
