"""Passes over a target that keeps failing, but for one request now and then that finds out whether it still does."""

from collections.abc import Callable

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Blame, Failure
from service.chat.reply import Broken, Ending, Handler, Reply
from service.pipeline.facts import CircuitChanged, Observe, TargetSkipped
from service.policies.circuit import Circuit, Pass, State
from service.policies.per_target import PerTarget

SLOW_SHARE = 0.8
"""Of its time limit, after which an answer that only then begins is slow."""
LONG_SECONDS = 60.0
"""For a target that is not there: nobody repairs that in fifteen seconds, and a probe a minute is no burden."""


class Breaker:
    """Keeps one circuit per target, and tells it of every copy of every request."""

    def __init__(self, *, circuits: PerTarget[Circuit], now: Callable[[], float], observe: Observe) -> None:
        self._circuits = circuits
        self._now = now
        self._observe = observe

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises Failure(CIRCUIT_OPEN), whose `retry_after` is the time until the next probe."""
        told = _Told(self._circuits[call.target], call, self._observe)
        leave = told.enter()
        if leave is None:
            raise self._skipped(call, told.circuit)
        began = self._now()
        slow = SLOW_SHARE * (call.clocks.first_token if call.asks_for_stream else call.clocks.attempt)
        try:
            reply = await forward(call)
        except Failure as failure:
            told.failed(leave, failure)
            raise
        except BaseException:
            told.left(leave, slowly=self._now() - began > slow)
            raise
        told.answered(leave, slowly=self._now() - began > slow)
        if not reply.is_whole:
            reply.watch(told.ended)
        return reply

    def _skipped(self, call: Call, circuit: Circuit) -> Failure:
        seconds = circuit.opens_in
        why = f"its circuit is open ({circuit.why}); " + (f"{seconds:.0f} s to go" if seconds else "it is being probed")
        call.ledger.skip(call.target, pb.FAILURE_KIND_CIRCUIT_OPEN, why, call.cause)
        self._observe(call, TargetSkipped(call.target, why))
        return Failure(pb.FAILURE_KIND_CIRCUIT_OPEN, f"{call.target}: {why}", retry_after=seconds or None, unasked=True)


class _Told:
    """A circuit that is told what became of one request; whoever observes is told if that changed it."""

    def __init__(self, circuit: Circuit, call: Call, observe: Observe) -> None:
        self.circuit = circuit
        self._call = call
        self._observe = observe

    def enter(self) -> Pass | None:
        before = self.circuit.state
        leave = self.circuit.enter()
        if leave is None and self._call.insists:
            return _NOBODYS
        self._tell(before)
        return leave

    def answered(self, leave: Pass, *, slowly: bool) -> None:
        before = self.circuit.state
        self.circuit.answered(leave, slowly=slowly)
        self._tell(before)

    def failed(self, leave: Pass, failure: Failure) -> None:
        before = self.circuit.state
        match failure.verdict.blame:
            case Blame.TARGET:
                self.circuit.failed(leave, failure.reason, at_least=failure.retry_after or 0.0)
            case Blame.TARGET_LONG:
                self.circuit.failed(leave, failure.reason, at_least=LONG_SECONDS, at_once=True)
            case Blame.NOBODY | Blame.KEY_LONG:
                self.circuit.left(leave)
        self._tell(before)

    def left(self, leave: Pass, *, slowly: bool) -> None:
        """A caller who waited until it was slow was failed by it, even if the caller then lost patience first."""
        before = self.circuit.state
        if slowly:
            self.circuit.failed(leave, "TOO_SLOW")
        else:
            self.circuit.left(leave)
        self._tell(before)

    def ended(self, ending: Ending) -> None:
        """Of an answer that had begun."""
        if isinstance(ending, Broken) and ending.failure.verdict.blame is Blame.TARGET:
            before = self.circuit.state
            self.circuit.broke(ending.failure.reason)
            self._tell(before)

    def _tell(self, before: State) -> None:
        after = self.circuit.state
        probe_left = after is State.OPEN and before is State.HALF_OPEN and not self.circuit.opens_in
        if after is not before and not probe_left:
            self._observe(self._call, CircuitChanged(self._call.target, after, self.circuit.why, self.circuit.opens_in))


_NOBODYS = Pass(-1, is_probe=False)
"""For who asks although the circuit is open: it learns nothing from that."""
