"""Holds each target's answer against the form that was asked for, and does what can be done if it has not got it.

    whole ──▶ fits, or is mended here so that it does ─────────────────▶ valid
          ├─▶ the target is shown what is wrong, and asked once more ──▶ valid
          │                          └─ in vain, or it cannot be asked ──▶ MALFORMED: the next target
          └─▶ cut off, refused, or nobody can say ─────────────────────▶ invalid: asking again would not help
    streamed ──▶ passes as it comes; its last event says whether it fits

An answer for which MALFORMED is raised stays in hand: `settle` gives it out if nobody does better. Whoever stands
further in has seen a good answer: no circuit opens for it, and no retry repeats it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mainstay import v1 as pb
from service.chat.call import Call, bound_for, changed
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply
from service.pipeline.facts import AskedAgain, Observe
from service.pipeline.judge import Judge, Judgement
from service.policies.budget import Budget
from service.policies.conformity import Heard, put_again, saying
from service.policies.per_target import PerTarget


class Conform:
    """Costs nothing where no form is asked for."""

    def __init__(self, *, judge: Judge, budgets: PerTarget[Budget], now: Callable[[], float], observe: Observe) -> None:
        self._judge = judge
        self._budgets = budgets
        self._now = now
        self._observe = observe

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises what it gets, and Failure(MALFORMED) for a whole answer that does not fit."""
        if not call.request.HasField("response_format"):
            return await forward(call)
        began = self._now()
        reply = await forward(call)
        if call.streamed:
            return Reply(_Checked(reply, lambda heard: self._judge(_as_answered(call), heard, repair=False)))
        call = _as_answered(call)
        answer = await self._judged(call, await reply.read())
        if not answer.is_unfit:
            return Reply.whole(answer.events)
        call.ledger.hold(answer.events)
        if self._may_ask_again(call, self._now() - began):
            answer = await self._second(call, forward, answer)
        if not answer.is_unfit:
            return Reply.whole(answer.events)
        raise Failure(pb.FAILURE_KIND_MALFORMED, f"the answer has not got the form asked for: {answer.complaints[0]}")

    def _may_ask_again(self, call: Call, took: float) -> bool:
        """If there is time to take as long once more, and it is paid for."""
        return (
            call.ledger.requests < call.conditions.max_attempts
            and took < call.deadline - self._now()
            and self._budgets[call.target].withdraw()
        )

    async def _second(self, call: Call, forward: Handler, first: "_Answer") -> "_Answer":
        """What the target says when it is shown what was wrong; the first answer, if that is of no use."""
        self._observe(call, AskedAgain(call.ledger.answered, call.target))
        request = put_again(call.request, first.events, first.complaints)
        again = changed(call, request=request, cause=pb.ATTEMPT_CAUSE_RETRY)
        asked = call.ledger.requests
        try:
            second = await self._judged(again, await (await forward(again)).read())
        except Failure as failure:
            if failure.unasked:
                self._budgets[call.target].give_back()
            return first
        finally:
            if call.ledger.requests > asked:
                first.mark_reasked()  # it stays in hand until there is a better one, whatever happens now
        if second.is_useless:
            return first
        second.mark_reasked()
        if second.is_unfit:
            call.ledger.hold(second.events)
        return second

    async def _judged(self, call: Call, events: Sequence[pb.ChatEvent]) -> "_Answer":
        judgement = await self._judge(call, Heard.of(events), repair=True)
        if judgement.repaired:
            events = list(saying(events, judgement.repaired))
        _write(judgement, events[-1].completed)
        return _Answer(events, judgement)


def _as_answered(call: Call) -> Call:
    """The call as whoever answered got it: a copy of the request may have gone to a spare, and have won."""
    target = call.ledger.answered_by
    if target == call.target:
        return call
    spare = next((candidate for candidate in call.candidates if candidate.target == target), None)
    return call if spare is None else bound_for(call, spare, call.cause)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A whole answer whose end says what was found."""

    events: Sequence[pb.ChatEvent]
    _judgement: Judgement

    @property
    def is_unfit(self) -> bool:
        """It does not fit, and another one might."""
        return not self._judgement.is_final

    @property
    def is_useless(self) -> bool:
        """It does not fit, or is not known to, and is no answer to go on with."""
        output = self._judgement.output
        return output is not None and not output.valid and self._judgement.is_final

    @property
    def complaints(self) -> Sequence[str]:
        """What is wrong with it."""
        return self.events[-1].completed.structured_output.violations

    def mark_reasked(self) -> None:
        """The target was asked once more."""
        if self._judgement.output is not None:
            self.events[-1].completed.structured_output.reasked = True


class _Checked:
    """A streamed answer on its way; its last event waits for the judgement on it."""

    def __init__(self, reply: Reply, judge: Callable[[Heard], Awaitable[Judgement]]) -> None:
        self._reply = reply
        self._judge = judge
        self._heard = Heard()

    async def __anext__(self) -> pb.ChatEvent:
        event = await self._reply.__anext__()
        self._heard.add(event)
        if event.HasField("completed"):
            _write(await self._judge(self._heard), event.completed)
        return event

    async def aclose(self) -> None:
        await self._reply.aclose()


def _write(judgement: Judgement, completed: pb.ChatResponse) -> None:
    if judgement.output is not None:
        completed.structured_output.CopyFrom(judgement.output)
