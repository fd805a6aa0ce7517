"""What layers report, as log lines that a call's id and trace id join to its access line."""

from typing import assert_never

import structlog
from opentelemetry.trace import format_span_id, format_trace_id

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.target import Target
from service.pipeline.facts import (
    AnswerChecked,
    AskedAgain,
    AttemptEnded,
    CacheBypassed,
    CacheHit,
    CacheMissed,
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
    TargetSkipped,
)
from service.policies.circuit import State

SILENT = frozenset({FirstToken, CacheHit, CacheMissed, CacheBypassed, Joined})
"""Of which the access line, or the provenance, says all there is to say."""

log = structlog.get_logger()


def observe(call: Call, fact: Fact) -> None:
    """Writes one line, or none. Of a failure it tells the reason only: the detail may quote what was asked."""
    if isinstance(fact, AttemptEnded):
        if fact.failure is not None and fact.row.outcome == pb.ATTEMPT_OUTCOME_FAILED:
            _say_failed(call, fact.row, fact.failure)
    elif type(fact) not in SILENT:
        _say(call, fact)


def _say_failed(call: Call, row: pb.Attempt, failure: Failure) -> None:
    fields = _tried(call, row.number, call.target, failure)
    if row.provider_request_id:
        fields["provider_request_id"] = row.provider_request_id
    log.info("attempt failed", **fields, duration_ms=_ms(row.latency.ToNanoseconds() / 1e9))


def _say(call: Call, fact: Fact) -> None:  # noqa: C901 - flat: a case for each fact
    match fact:
        case RetryScheduled():
            log.info("retry scheduled", **_tried(call, fact.attempt, fact.target, fact.failure), wait_ms=_ms(fact.wait))
        case RetryForgone():
            log.warning("retry forgone", **_tried(call, fact.attempt, fact.target, fact.failure))
        case FellBack():
            log.info("fell back", **_tried(call, fact.attempt, fact.target, fact.failure), onto=str(fact.onto))
        case TargetSkipped():
            log.debug("target skipped", **_ids(call), target=str(fact.target), why=fact.why)
        case PermitAwaited():
            log.debug("permit awaited", **_ids(call), target=str(fact.target), waited_ms=_ms(fact.seconds))
        case ServedStale():
            fields = {"target": str(fact.target), "age_ms": _ms(fact.age), "reason": fact.failure.reason}
            log.warning("served stale", **_ids(call), **fields)
        case Degraded():
            log.warning("degraded", **_ids(call), rule=fact.rule, reason=fact.failure.reason)
        case Recovered():
            log.warning("stream recovered", **_tried(call, fact.attempt, fact.target, fact.failure), mode=fact.how)
        case Hedged():
            onto, after = str(fact.onto), _ms(fact.seconds)
            log.info("hedged", **_ids(call), attempt=fact.attempt, target=str(fact.target), onto=onto, after_ms=after)
        case CircuitChanged():
            _say_circuit(call, fact)
        case AnswerChecked() | AskedAgain():
            _say_form(call, fact)
        case FirstToken() | AttemptEnded() | CacheHit() | CacheMissed() | CacheBypassed() | Joined():
            pass
        case _:
            assert_never(fact)


def _say_circuit(call: Call, fact: CircuitChanged) -> None:
    match fact.state:
        case State.OPEN:
            fields = {"target": str(fact.target), "reason": fact.why, "seconds": round(fact.seconds, 1)}
            log.warning("circuit opened", **_ids(call), **fields)
        case State.HALF_OPEN:
            log.debug("circuit probed", **_ids(call), target=str(fact.target))
        case State.CLOSED:
            log.info("circuit closed", **_ids(call), target=str(fact.target))


def _say_form(call: Call, fact: AnswerChecked | AskedAgain) -> None:
    fields = {**_ids(call), "attempt": fact.attempt, "target": str(fact.target)}
    if isinstance(fact, AskedAgain):
        log.info("asked again", **fields)
        return
    match fact.fit:
        case Fit.REPAIRED:
            log.debug("answer repaired", **fields)
        case Fit.UNFIT:
            log.info("answer unfit", **fields)
        case Fit.UNCHECKED:
            log.warning("answer unchecked", **fields)
        case Fit.VALID:
            pass


def _tried(call: Call, attempt: int, target: Target, failure: Failure) -> dict[str, object]:
    return {**_ids(call), "attempt": attempt, "target": str(target), "reason": failure.reason}


def _ids(call: Call) -> dict[str, object]:
    span = call.span.get_span_context()
    return {
        "call_id": call.id,
        "trace_id": format_trace_id(span.trace_id),
        "span_id": format_span_id(span.span_id),
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
