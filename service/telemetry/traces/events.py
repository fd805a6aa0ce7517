"""What layers report, as events of the span it happened under."""

from opentelemetry.util.types import AttributeValue

from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.target import Target
from service.pipeline.facts import (
    AnswerChecked,
    AskedAgain,
    CacheHit,
    CircuitChanged,
    Degraded,
    Fact,
    FellBack,
    FirstToken,
    Fit,
    Hedged,
    Joined,
    PermitAwaited,
    Recovered,
    RetryForgone,
    RetryScheduled,
    ServedStale,
)
from service.pipeline.facts import TargetSkipped as Skipped
from service.telemetry.traces.held import HeldSpan


def observe(call: Call, fact: Fact) -> None:  # noqa: C901 - flat: a case for each fact
    """Adds an event, or nothing. Of a failure it tells the reason only: the detail may quote what was asked.

    Calls that were answered by somebody else than who was asked are kept.
    """
    span = call.span
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
        case PermitAwaited():
            span.add_event("permit awaited", {"mainstay.target": str(fact.target), "mainstay.wait": fact.seconds})
        case FirstToken():
            span.add_event("first token", {"mainstay.after": fact.seconds})
        case CacheHit():
            span.add_event("cache hit", {"mainstay.target": str(fact.target), "mainstay.age": fact.age})
        case ServedStale():
            span.keep("stale")
            aged: dict[str, AttributeValue] = {"mainstay.target": str(fact.target), "mainstay.age": fact.age}
            span.add_event("served stale", {**aged, "error.type": fact.failure.reason})
        case Joined():
            span.add_link(fact.span, {"mainstay.call.id": fact.call_id})
        case Hedged():
            span.add_event("hedged", {**_answered(fact.attempt, fact.target), "mainstay.onto": str(fact.onto)})
        case Recovered():
            span.keep("recovered")
            tried = _tried(fact.attempt, fact.target, fact.failure)
            span.add_event("stream recovered", {**tried, "mainstay.mode": fact.how})
        case CircuitChanged():
            turned: dict[str, AttributeValue] = {"mainstay.target": str(fact.target), "error.type": fact.why}
            span.add_event("circuit changed", {**turned, "mainstay.state": fact.state.value})
        case AnswerChecked() | AskedAgain():
            _add_form(span, fact)
        case Degraded():
            span.keep("degraded")
            span.add_event("degraded", {"mainstay.rule": fact.rule, "error.type": fact.failure.reason})
        case _:
            pass  # the attempt's own span says how it ended; metrics alone count the rest


def _add_form(span: HeldSpan, fact: AnswerChecked | AskedAgain) -> None:
    answered = _answered(fact.attempt, fact.target)
    if isinstance(fact, AskedAgain):
        span.add_event("asked again", answered)
    elif fact.fit is not Fit.VALID:
        span.add_event("answer checked", {**answered, "mainstay.fit": fact.fit.value})


def _tried(attempt: int, target: Target, failure: Failure) -> dict[str, AttributeValue]:
    return {**_answered(attempt, target), "error.type": failure.reason}


def _answered(attempt: int, target: Target) -> dict[str, AttributeValue]:
    return {"mainstay.attempt.number": attempt, "mainstay.target": str(target)}
