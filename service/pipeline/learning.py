"""Learns from what providers counted how far the estimates of tokens are off."""

from collections.abc import Callable
from functools import partial

from mainstay import v1 as pb
from service.chat.call import Call
from service.pipeline.facts import AttemptEnded, Fact
from service.policies.estimates import Estimates


class Learning:
    """Told of every fact; of few answers it asks to be called again later, once they have gone out."""

    def __init__(self, estimates: Estimates, later: Callable[[Callable[[], None]], object]) -> None:
        self._estimates = estimates
        self._later = later

    def observe(self, call: Call, fact: Fact) -> None:
        """Takes in answers whose provider has counted the question."""
        if not isinstance(fact, AttemptEnded) or fact.row.outcome != pb.ATTEMPT_OUTCOME_ANSWERED:
            return
        usage = fact.row.usage
        if usage.input_tokens > 0 and not usage.estimated and self._estimates.meets(call.request, call.target):
            self._later(partial(self._estimates.learn, call.request, call.target, usage.input_tokens))
