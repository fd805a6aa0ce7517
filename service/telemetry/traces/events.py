"""What layers report, as events of the span it happened under."""

from opentelemetry.trace import get_current_span
from opentelemetry.util.types import AttributeValue

from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.target import Target
from service.pipeline.facts import CacheHit, Degraded, Fact, FellBack, FirstToken, RetryForgone, RetryScheduled
from service.pipeline.facts import TargetSkipped as Skipped
from service.telemetry.traces.held import HeldSpan


def observe(call: Call, fact: Fact) -> None:
    """Adds an event, or nothing. Of a failure it tells the reason only: the detail may quote what was asked.

    Calls that were answered by somebody else than who was asked are kept.
    """
    span = get_current_span(call.context)
    if not isinstance(span, HeldSpan):
        return
    match fact:
        case RetryScheduled():
            tried = _tried(fact.attempt, fact.target, fact.failure)
            span.add_event("retry scheduled", {**tried, "mainstay.wait": fact.wait})
        case RetryForgone():
            span.add_event("retry forgone", _tried(fact.attempt, fact.target, fact.failure))
        case FellBack():
            span.keep("fell back")
            tried = _tried(fact.attempt, fact.target, fact.failure)
            span.add_event("fell back", {**tried, "mainstay.onto": str(fact.onto)})
        case Skipped():
            span.add_event("target skipped", {"mainstay.target": str(fact.target), "mainstay.why": fact.why})
        case FirstToken():
            span.add_event("first token", {"mainstay.after": fact.seconds})
        case CacheHit():
            span.add_event("cache hit", {"mainstay.target": str(fact.target), "mainstay.age": fact.age})
        case Degraded():
            span.keep("degraded")
            span.add_event("degraded", {"mainstay.rule": fact.rule, "error.type": fact.failure.reason})
        case _:
            pass  # the attempt's own span says how it ended; metrics alone count the rest


def _tried(attempt: int, target: Target, failure: Failure) -> dict[str, AttributeValue]:
    return {"mainstay.attempt.number": attempt, "mainstay.target": str(target), "error.type": failure.reason}
