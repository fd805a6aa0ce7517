"""Sends a second copy of a request that is slow; the first answer counts.

    first copy  ─────────────────────────────────▶ answers ─┐
                  delay │                                    ├─▶ whichever is first; the other is cancelled and closed
    second copy         └────────────────────────▶ answers ─┘

A copy that fails loses; if both fail, the failure of the first is told.
"""

from collections.abc import Callable
from typing import Protocol

from mainstay import v1 as pb
from service.chat.call import Call, bound_for
from service.chat.reply import Ending, Handler, Reply
from service.chat.target import Candidate
from service.pipeline.facts import Hedged, Observe
from service.pipeline.latencies import Latencies
from service.pipeline.leasing.sending import sent
from service.pipeline.race import Race
from service.policies.budget import Budget
from service.policies.circuit import Circuit, State
from service.policies.hedging import HedgeOptions, delay_of
from service.policies.per_target import PerTarget


class Permit(Protocol):
    """Leave to send one request, which must be given back."""

    @property
    def call(self) -> Call:
        """The call as it is to be sent: with the key that the permit is for."""
        ...

    def ended(self, ending: Ending) -> None:
        """Gives it back; `ending` is that of the answer."""
        ...


TryNow = Callable[[Call], Permit | None]
"""A permit for that call's target that is free now; None: there is none."""


class Hedge:
    """Only for calls that want it, and only where target, budget and attempts leave room."""

    def __init__(
        self,
        *,
        options: HedgeOptions,
        latencies: Latencies,
        circuits: PerTarget[Circuit],
        budgets: PerTarget[Budget],
        try_now: TryNow,
        observe: Observe,
    ) -> None:
        self._options = options
        self._latencies = latencies
        self._circuits = circuits
        self._budgets = budgets
        self._try_now = try_now
        self._observe = observe

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises the failure of the first copy."""
        delay = self._delay(call)
        if delay is None:
            return await forward(call)
        race = Race(_sent(forward, call))
        await race.wait(delay)
        if race.is_open and (permit := self._permit(call, delay)) is not None:
            race.join(sent(permit.call, permit, forward))
        return await race.winner()

    def _delay(self, call: Call) -> float | None:
        if not call.conditions.hedge or self._circuits[call.target].state is not State.CLOSED:
            return None
        return delay_of(self._latencies.of(call.target, streamed=call.asks_for_stream), self._options)

    def _permit(self, call: Call, delay: float) -> Permit | None:
        if call.ledger.requests >= call.conditions.max_attempts:
            return None
        onto = self._onto(call)
        if onto is None or self._circuits[onto.target].state is not State.CLOSED:
            return None
        budget = self._budgets[onto.target]
        if not budget.has_one:
            return None
        permit = self._try_now(bound_for(call, onto, pb.ATTEMPT_CAUSE_HEDGE))
        if permit is not None:
            budget.withdraw()
            self._observe(call, Hedged(call.ledger.latest, call.target, onto.target, delay))
        return permit

    def _onto(self, call: Call) -> Candidate | None:
        """Whom the second copy goes to."""
        if self._options.spare:
            return next(iter(call.others), None)
        return next((candidate for candidate in call.candidates if candidate.target == call.target), None)


async def _sent(forward: Handler, call: Call) -> Reply:
    return await forward(call)
