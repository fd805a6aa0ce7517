"""Every request needs a permit: a key, and room under the provider's limits for requests, tokens and concurrency.

Who finds none waits in line, as long as that makes sense: not beyond the time that is left, and where there is another
target not longer than a wait before a retry may take. Whoever would have to goes on at once.
"""

import asyncio
from collections.abc import Callable

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.failures import Failure
from service.chat.permit import Permit
from service.chat.reply import Handler, Reply
from service.pipeline.facts import Observe, PermitAwaited, TargetSkipped
from service.pipeline.leasing.desk import Desk
from service.pipeline.leasing.leases import Leases
from service.pipeline.leasing.line import TurnedAway
from service.pipeline.leasing.sending import sent
from service.policies.backoff import SHARE

LIMITED, OPEN = pb.FAILURE_KIND_RATE_LIMITED, pb.FAILURE_KIND_CIRCUIT_OPEN


class Lease:
    """Takes a permit, which travels in the call, and gives it back when the request is over."""

    def __init__(self, *, leases: Leases, max_wait: float, now: Callable[[], float], observe: Observe) -> None:
        """`max_wait`: seconds for which it is worth to wait for a target that is not the last."""
        self._leases = leases
        self._max_wait = max_wait
        self._now = now
        self._observe = observe

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises Failure(RATE_LIMITED) or Failure(CIRCUIT_OPEN), and nobody was asked, if there is no permit."""
        desk = self._leases.desk(call.target)
        tokens = desk.tokens(call)
        permit = desk.now(tokens) or await self._in_line(call, desk, tokens)
        return await sent(changed(call, permit=permit), permit, forward)

    async def _in_line(self, call: Call, desk: Desk, tokens: float) -> Permit:
        if (why := desk.line.closed) is not None and not call.insists:
            raise self._refused(call, OPEN, why, desk.line.opens_in)
        left, due = call.deadline - self._now(), desk.line.due(tokens)
        is_last = not call.others
        patience = left if is_last else min(self._max_wait, SHARE * left)
        if due > patience or due >= left:
            raise self._refused(call, LIMITED, f"its limits leave no room for {due:.1f} s", due)
        began = self._now()
        try:
            permit = await self._waited(call, desk, tokens, None if is_last else patience)
        except TimeoutError:
            why = f"its limits left no room within {patience:.1f} s"
            raise self._refused(call, LIMITED, why, desk.line.due(tokens)) from None
        except TurnedAway as turned_away:
            raise self._refused(call, OPEN, str(turned_away), desk.line.opens_in) from None
        except asyncio.CancelledError:
            self._skip(call, LIMITED, f"it was waited for, for {self._now() - began:.1f} s: its limits left no room")
            raise
        self._observe(call, PermitAwaited(call.target, self._now() - began))
        return permit

    async def _waited(self, call: Call, desk: Desk, tokens: float, seconds: float | None) -> Permit:
        """For the last target no clock is needed: the caller's runs."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    return await desk.wait(tokens)
                except TurnedAway:
                    if not call.insists:
                        raise

    def _refused(self, call: Call, kind: pb.FailureKind.ValueType, why: str, due: float | None = None) -> Failure:
        self._skip(call, kind, why)
        return Failure(kind, f"{call.target}: {why}", retry_after=due or None, unasked=True)

    def _skip(self, call: Call, kind: pb.FailureKind.ValueType, why: str) -> None:
        call.ledger.skip(call.target, kind, why, call.cause)
        self._observe(call, TargetSkipped(call.target, why))
