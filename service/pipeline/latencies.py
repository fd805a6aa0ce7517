"""How fast each target is lately: learnt from the facts that the attempts report."""

from collections.abc import Callable

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.target import Target
from service.pipeline.facts import AttemptEnded, Fact, FirstToken
from service.policies.latency import Latency
from service.policies.per_target import PerTarget


class Latencies:
    """To the first token where providers stream, to the end of the answer where they do not: two books."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._streamed = PerTarget(lambda target: Latency(now))
        self._whole = PerTarget(lambda target: Latency(now))

    def of(self, target: Target, *, streamed: bool) -> Latency:
        """What is known of a target that is asked in that way."""
        return (self._streamed if streamed else self._whole)[target]

    def observe(self, call: Call, fact: Fact) -> None:
        """Learns from it, if it says how long something took."""
        match fact:
            case FirstToken():
                self.of(fact.target, streamed=True).saw(fact.seconds)
            case AttemptEnded() if not fact.row.HasField("time_to_first_token"):
                self._learn(self.of(call.target, streamed=call.asks_for_stream), fact.row)
            case _:
                pass

    def _learn(self, latency: Latency, row: pb.Attempt) -> None:
        seconds = row.latency.ToNanoseconds() / 1e9
        if row.outcome == pb.ATTEMPT_OUTCOME_ANSWERED:
            latency.saw(seconds)
        elif row.outcome == pb.ATTEMPT_OUTCOME_ABANDONED or row.failure == pb.FAILURE_KIND_TOO_SLOW:
            latency.gave_up(seconds)
