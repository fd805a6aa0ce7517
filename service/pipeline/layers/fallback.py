"""The next target: those that the route offers, in order, until one answers."""

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate
from service.pipeline.facts import FellBack, Observe, TargetSkipped
from service.policies.onward import is_too_long, may_leave, to_tell, why_not


class Fallback:
    """Sends the call to its candidates in order; whoever is passed over stands in the ledger with the reason."""

    def __init__(self, *, leave_content_filter: bool, observe: Observe) -> None:
        self._leave_content_filter = leave_content_filter
        self._observe = observe

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Raises the failure that explains most, once nobody is left, or one that nobody else could mend."""
        failures: list[Failure] = []
        try:
            return await self._answered(call, forward, failures)
        finally:
            failures.clear()  # a failure's traceback holds the frames that hold the list: the request would linger

    async def _answered(self, call: Call, forward: Handler, failures: list[Failure]) -> Reply:
        too_long_for: int | None = None
        for candidate in call.candidates:
            if (why := why_not(candidate, too_long_for)) is not None:
                self._skip(call, candidate, why)
                continue
            if failures and call.ledger.requests >= call.conditions.max_attempts:
                break
            if failures:
                self._observe(call, FellBack(call.ledger.latest, call.target, candidate.target, failures[-1]))
            call = _at(call, candidate, later=bool(failures))
            try:
                return await forward(call)
            except Failure as failure:
                failures.append(failure)
                if not may_leave(failure, leave_content_filter=self._leave_content_filter):
                    break
                if is_too_long(failure):
                    too_long_for = max(too_long_for or 0, candidate.context_tokens or 0)
        raise to_tell(failures)

    def _skip(self, call: Call, candidate: Candidate, why: str) -> None:
        call.ledger.skip(candidate.target, pb.FAILURE_KIND_CONTEXT_TOO_LONG, why)
        self._observe(call, TargetSkipped(candidate.target, why))


def _at(call: Call, candidate: Candidate, *, later: bool) -> Call:
    return changed(
        call,
        target=candidate.target,
        clocks=call.conditions.clocks.tightened(candidate.clocks),
        cause=pb.ATTEMPT_CAUSE_FALLBACK if later else pb.ATTEMPT_CAUSE_FIRST,
    )
