"""The permits of all targets, shared by all routes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from service.chat.call import Call, changed
from service.chat.reply import Ending
from service.chat.target import Target
from service.pipeline.facts import CircuitChanged, Fact
from service.pipeline.leasing.desk import Desk, Terms
from service.pipeline.leasing.permit import Permit
from service.pipeline.leasing.state import TargetState
from service.policies.circuit import State
from service.policies.per_target import MOST, PerTarget


def unlimited(target: Target) -> Terms:
    """Nothing is known of it."""
    return Terms()


@dataclass(frozen=True, slots=True)
class Leased:
    """A call with a permit of its own."""

    call: Call
    permit: Permit

    def ended(self, ending: Ending) -> None:
        """Gives the permit back; `ending` is that of the answer."""
        self.permit.ended(ending)


class Leases:
    """Gives permits. `now` is the monotonic clock in seconds."""

    def __init__(
        self, now: Callable[[], float], terms_of: Callable[[Target], Terms] = unlimited, most: int = MOST
    ) -> None:
        """`most` targets are remembered."""
        self._now = now
        self._terms_of = terms_of
        self._desks = PerTarget(self._opened, most)

    def desk(self, target: Target) -> Desk:
        """Where permits for a target are given."""
        return self._desks[target]

    def try_now(self, call: Call) -> Leased | None:
        """A permit for the call's target that is free now; None: there is none, or others wait for it."""
        desk = self.desk(call.target)
        permit = desk.now(desk.tokens(call))
        return None if permit is None else Leased(changed(call, permit=permit), permit)

    def turn_away(self, target: Target, why: str, seconds: float) -> None:
        """The target's circuit is open: nobody waits for a permit any more, nor begins to within these seconds.

        Who gets a permit at once still does: whether it is of use is for the circuit to say, and one must be the probe.
        """
        desk = self._desks.get(target)
        if desk is not None:
            desk.line.close(why, seconds)

    def observe(self, call: Call, fact: Fact) -> None:
        """Hears of circuits that open."""
        if isinstance(fact, CircuitChanged) and fact.state is State.OPEN and fact.seconds > 0:
            self.turn_away(fact.target, f"its circuit is open ({fact.why})", fact.seconds)

    def state(self, target: Target) -> TargetState:
        """How a target is doing; it need not have been asked yet, and is not remembered for this."""
        return (self._desks.get(target) or self._opened(target)).state

    def states(self) -> Iterator[TargetState]:
        """Those of all targets that were asked and are remembered."""
        return (self.state(target) for target in list(self._desks))

    def _opened(self, target: Target) -> Desk:
        return Desk(target, self._terms_of(target), self._now)
