"""What layers report, as log lines that a call's id and trace id join to its access line."""

from typing import assert_never

import structlog
from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.target import Target
from service.pipeline.facts import (
    AttemptEnded,
    CacheBypassed,
    CacheHit,
    CacheMissed,
    Degraded,
    Fact,
    FellBack,
    FirstToken,
    RetryForgone,
    RetryScheduled,
    TargetSkipped,
)

SILENT = frozenset({FirstToken, CacheMissed, CacheBypassed})
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


def _say(call: Call, fact: Fact) -> None:
    match fact:
        case RetryScheduled():
            log.info("retry scheduled", **_tried(call, fact.attempt, fact.target, fact.failure), wait_ms=_ms(fact.wait))
        case RetryForgone():
            log.warning("retry forgone", **_tried(call, fact.attempt, fact.target, fact.failure))
        case FellBack():
            log.info("fell back", **_tried(call, fact.attempt, fact.target, fact.failure), onto=str(fact.onto))
        case TargetSkipped():
            log.debug("target skipped", **_ids(call), target=str(fact.target), why=fact.why)
        case CacheHit():
            log.debug("cache hit", **_ids(call), target=str(fact.target), age_ms=_ms(fact.age))
        case Degraded():
            log.warning("degraded", **_ids(call), rule=fact.rule, reason=fact.failure.reason)
        case FirstToken() | AttemptEnded() | CacheMissed() | CacheBypassed():
            pass
        case _:
            assert_never(fact)


def _tried(call: Call, attempt: int, target: Target, failure: Failure) -> dict[str, object]:
    return {**_ids(call), "attempt": attempt, "target": str(target), "reason": failure.reason}


def _ids(call: Call) -> dict[str, object]:
    span = get_current_span(call.context).get_span_context()
    return {
        "call_id": call.id,
        "trace_id": format_trace_id(span.trace_id),
        "span_id": format_span_id(span.span_id),
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
