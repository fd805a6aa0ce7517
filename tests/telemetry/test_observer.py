from collections.abc import Callable
from typing import get_args

import pytest
from opentelemetry.trace import INVALID_SPAN_CONTEXT, format_span_id, format_trace_id
from structlog.testing import capture_logs

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
from service.telemetry.observer import observe
from tests.kit.spans import SpanBook

ONE, TWO = Target("one", "m"), Target("two", "m")
FAILURE = Failure(pb.FAILURE_KIND_OVERLOADED, "you asked: canary")
ANSWERED: dict[str, object] = {"attempt": 1, "target": "one/m"}
TRIED: dict[str, object] = {**ANSWERED, "reason": "OVERLOADED"}


def attempt(outcome: pb.AttemptOutcome.ValueType) -> pb.Attempt:
    row = pb.Attempt(number=2, outcome=outcome, provider_request_id="req-7")
    row.latency.FromMilliseconds(1250)
    return row


FACTS: list[tuple[Fact, dict[str, object] | None]] = [
    (
        RetryScheduled(1, ONE, FAILURE, 0.25),
        {"log_level": "info", "event": "retry scheduled", "wait_ms": 250.0, **TRIED},
    ),
    (RetryForgone(1, ONE, FAILURE), {"log_level": "warning", "event": "retry forgone", **TRIED}),
    (FellBack(1, ONE, TWO, FAILURE), {"log_level": "info", "event": "fell back", "onto": "two/m", **TRIED}),
    (TargetSkipped(ONE, "no"), {"log_level": "debug", "event": "target skipped", "target": "one/m", "why": "no"}),
    (
        PermitAwaited(ONE, 1.5),
        {"log_level": "debug", "event": "permit awaited", "target": "one/m", "waited_ms": 1500.0},
    ),
    (
        Hedged(1, ONE, TWO, 0.5),
        {"log_level": "info", "event": "hedged", "onto": "two/m", "after_ms": 500.0, **ANSWERED},
    ),
    (
        Recovered(1, ONE, pb.RESET_MODE_CONTINUE, FAILURE),
        {
            "log_level": "warning",
            "event": "stream recovered",
            "mode": "continue",
            **TRIED,
        },
    ),
    (
        CircuitChanged(ONE, State.OPEN, "TOO_SLOW", 14.96),
        {
            "log_level": "warning",
            "event": "circuit opened",
            "target": "one/m",
            "reason": "TOO_SLOW",
            "seconds": 15.0,
        },
    ),
    (
        CircuitChanged(ONE, State.HALF_OPEN, "TOO_SLOW", 0.0),
        {"log_level": "debug", "event": "circuit probed", "target": "one/m"},
    ),
    (
        CircuitChanged(ONE, State.CLOSED, "TOO_SLOW", 0.0),
        {"log_level": "info", "event": "circuit closed", "target": "one/m"},
    ),
    (CacheHit(ONE, 1.5), None),
    (
        ServedStale(ONE, 90.25, FAILURE),
        {
            "log_level": "warning",
            "event": "served stale",
            "target": "one/m",
            "age_ms": 90250.0,
            "reason": "OVERLOADED",
        },
    ),
    (Joined("call_1", INVALID_SPAN_CONTEXT), None),
    (
        Degraded("price", FAILURE),
        {"log_level": "warning", "event": "degraded", "rule": "price", "reason": "OVERLOADED"},
    ),
    (AnswerChecked(1, ONE, Fit.VALID), None),
    (AnswerChecked(1, ONE, Fit.REPAIRED), {"log_level": "debug", "event": "answer repaired", **ANSWERED}),
    (AnswerChecked(1, ONE, Fit.UNFIT), {"log_level": "info", "event": "answer unfit", **ANSWERED}),
    (AnswerChecked(1, ONE, Fit.UNCHECKED), {"log_level": "warning", "event": "answer unchecked", **ANSWERED}),
    (AskedAgain(1, ONE), {"log_level": "info", "event": "asked again", **ANSWERED}),
    (CacheMissed(), None),
    (CacheBypassed(), None),
    (FirstToken(1, ONE, 0.1), None),
    (AttemptEnded(attempt(pb.ATTEMPT_OUTCOME_ANSWERED), None), None),
    (AttemptEnded(attempt(pb.ATTEMPT_OUTCOME_SKIPPED), FAILURE), None),  # it was never sent
    (
        AttemptEnded(attempt(pb.ATTEMPT_OUTCOME_FAILED), FAILURE),
        {
            **TRIED,
            "log_level": "info",
            "event": "attempt failed",
            "attempt": 2,
            "target": "primary/m1",
            "duration_ms": 1250.0,
            "provider_request_id": "req-7",
        },
    ),
]


def test_every_fact_is_looked_at() -> None:
    assert {type(fact) for fact, _ in FACTS} == set(get_args(Fact))


@pytest.mark.parametrize(("fact", "expected"), FACTS, ids=[type(fact).__name__ for fact, _ in FACTS])
def test_a_fact_is_one_line_with_the_ids_of_its_call(
    fact: Fact, expected: dict[str, object] | None, a_call: Callable[..., Call], spans: SpanBook
) -> None:
    with capture_logs() as lines:
        observe(a_call(id="call_7"), fact)
    span = spans.root.get_span_context()
    ids = {
        "call_id": "call_7",
        "trace_id": format_trace_id(span.trace_id),
        "span_id": format_span_id(span.span_id),
    }
    assert lines == ([] if expected is None else [{**ids, **expected}])
