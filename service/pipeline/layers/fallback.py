"""The next target: those that the route offers, in order, until one answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from mainstay import v1 as pb
from service.chat.call import Call, bound_for, changed
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate
from service.pipeline.facts import FellBack, Observe, TargetSkipped
from service.pipeline.planning import Planning
from service.policies.admission import Admission
from service.policies.estimates import Estimates
from service.policies.onward import is_too_long, may_leave, to_tell, why_not


@dataclass(frozen=True, slots=True, kw_only=True)
class FallbackOptions:
    """Of one route."""

    leave_content_filter: bool = False
    """A question that a filter refused goes to the next target."""
    ask_the_least_bad: bool = False
    """If all circuits are open, the target that is to be probed soonest is asked all the same."""


class _Failed(NamedTuple):
    candidate: Candidate
    failure: Failure


class Fallback:
    """Sends the call to its candidates in order; whoever is passed over stands in the ledger with the reason."""

    def __init__(
        self,
        *,
        options: FallbackOptions,
        planning: Planning,
        observe: Observe,
        estimates: Estimates | None = None,
    ) -> None:
        """`estimates` say how long questions are; None: nothing has been learnt of that."""
        self._options = options
        self._planning = planning
        self._observe = observe
        self._estimates = estimates or Estimates()

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises the failure that explains most, once nobody is left, or one that nobody else could mend."""
        failed: list[_Failed] = []
        try:
            return await self._answered(call, forward, failed)
        finally:
            failed.clear()  # a failure's traceback holds the frames that hold the list: the request would linger

    async def _answered(self, call: Call, forward: Handler, failed: list[_Failed]) -> Reply:
        skipped: list[Failure] = []
        too_long_for: int | None = None
        admission = Admission(call.request, call.candidates, self._estimates)
        for candidate in admission.put_off:
            self._skip(call, candidate, admission.why_put_off(candidate), later=False)
        for place, candidate in enumerate(admission.order):
            objection = (
                why_not(candidate, too_long_for) or admission.objection(candidate) or _was_heard(call, candidate)
            )
            objection = objection or self._too_late(call, candidate, admission.order[place + 1 :], admission)
            if objection is not None:
                self._skip(call, candidate, objection, later=bool(failed))
                skipped.append(objection)
                continue
            if failed and call.ledger.requests >= call.conditions.max_attempts:
                break
            if failed:
                self._observe(call, FellBack(call.ledger.latest, call.target, candidate.target, failed[-1].failure))
            call = _at(call, candidate, later=bool(failed))
            call = changed(call, behind=partial(admission.admitted, admission.order[place + 1 :]))
            try:
                return await forward(call)
            except Failure as failure:
                failed.append(_Failed(candidate, failure))
                if not may_leave(failure, leave_content_filter=self._options.leave_content_filter):
                    break
                if is_too_long(failure):
                    too_long_for = max(too_long_for or 0, candidate.context_tokens or 0)
        if self._options.ask_the_least_bad and (least_bad := _least_bad(failed)) is not None:
            return await forward(changed(_at(call, least_bad, later=True), insists=True))
        raise to_tell([failure for _, failure in failed] or skipped)

    def _too_late(
        self, call: Call, candidate: Candidate, later: Sequence[Candidate], admission: Admission
    ) -> Failure | None:
        """Why the call is not sent there though it could be answered, as there are others who may be quicker."""
        why = self._planning.too_late(call, candidate.target) if later else None
        if why is None or not admission.admitted(later):
            return None
        return Failure(pb.FAILURE_KIND_OUT_OF_TIME, f"{candidate.target}: {why}")

    def _skip(self, call: Call, candidate: Candidate, objection: Failure, *, later: bool) -> None:
        call.ledger.skip(candidate.target, objection.kind, objection.detail, _cause(call, later=later))
        self._observe(call, TargetSkipped(candidate.target, objection.detail))


def _was_heard(call: Call, candidate: Candidate) -> Failure | None:
    """Whoever answered in the place of a slow target, in a form that was not asked for, would do so again."""
    if not call.ledger.has_answer_of(candidate.target):
        return None
    return Failure(pb.FAILURE_KIND_MALFORMED, f"{candidate.target} has answered, and its answer was of no use")


def _least_bad(failed: Sequence[_Failed]) -> Candidate | None:
    """Who is to be probed soonest, if nobody was asked because all circuits are open."""
    if not failed or any(failure.kind != pb.FAILURE_KIND_CIRCUIT_OPEN for _, failure in failed):
        return None
    return min(failed, key=lambda one: one.failure.retry_after or 0.0).candidate


def _at(call: Call, candidate: Candidate, *, later: bool) -> Call:
    return bound_for(call, candidate, _cause(call, later=later))


def _cause(call: Call, *, later: bool) -> pb.AttemptCause.ValueType:
    """Whoever is asked in order to go on with a broken stream is asked for that."""
    if call.cause == pb.ATTEMPT_CAUSE_RECOVERY:
        return call.cause
    return pb.ATTEMPT_CAUSE_FALLBACK if later else pb.ATTEMPT_CAUSE_FIRST
