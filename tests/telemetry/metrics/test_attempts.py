"""What layers report, counted."""

from collections.abc import Callable
from typing import get_args

import pytest
from opentelemetry.trace import INVALID_SPAN_CONTEXT

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
from service.telemetry.metrics.metrics import Metrics
from tests.telemetry.metrics.reading import series, value, values

ONE, TWO = Target("one", "m"), Target("two", "m")
FAILURE = Failure(pb.FAILURE_KIND_OVERLOADED, "")
ACall = Callable[..., Call]


def row(target: Target = ONE, outcome: pb.AttemptOutcome.ValueType = pb.ATTEMPT_OUTCOME_ANSWERED) -> pb.Attempt:
    row = pb.Attempt(provider=target.provider, model=target.model, cause=pb.ATTEMPT_CAUSE_FIRST, outcome=outcome)
    row.latency.FromMilliseconds(1500)
    if outcome == pb.ATTEMPT_OUTCOME_FAILED:
        row.failure = pb.FAILURE_KIND_OVERLOADED
    row.usage.CopyFrom(pb.Usage(input_tokens=400))
    return row


COUNTED: list[tuple[Fact, str, tuple[str, ...]]] = [
    (RetryScheduled(1, ONE, FAILURE, 0.1), "mainstay_retries_total", ("one", "m")),
    (RetryForgone(1, ONE, FAILURE), "mainstay_retries_forgone_total", ("one", "m")),
    (FellBack(1, ONE, TWO, FAILURE), "mainstay_fallbacks_total", ("one/m", "two/m")),
    (Hedged(1, ONE, TWO, 0.5), "mainstay_hedges_total", ("one", "m")),
    (Recovered(1, ONE, pb.RESET_MODE_DISCARD, FAILURE), "mainstay_recoveries_total", ("discard",)),
    (CircuitChanged(ONE, State.OPEN, "TOO_SLOW", 15.0), "mainstay_circuit_changes_total", ("one", "m", "open")),
    (PermitAwaited(ONE, 0.3), "mainstay_lease_wait_duration_seconds_count", ("one", "m")),
    (TargetSkipped(ONE, "too long"), "mainstay_targets_skipped_total", ("one", "m")),
    (
        FirstToken(1, ONE, 0.3),
        "gen_ai_client_operation_time_to_first_chunk_seconds_count",
        ("chat", "one", "m"),
    ),
    (AttemptEnded(row(), None), "mainstay_attempts_total", ("one", "m", "first", "answered")),
    (CacheHit(ONE, 1.0), "mainstay_cache_requests_total", ("hit",)),
    (CacheMissed(), "mainstay_cache_requests_total", ("miss",)),
    (CacheBypassed(), "mainstay_cache_requests_total", ("bypassed",)),
    (ServedStale(ONE, 90.0, FAILURE), "mainstay_stale_answers_total", ()),
    (Joined("call_1", INVALID_SPAN_CONTEXT), "mainstay_joins_total", ()),
    (AnswerChecked(1, ONE, Fit.REPAIRED), "mainstay_structured_outputs_total", ("one", "m", "repaired")),
    (AskedAgain(1, ONE), "mainstay_retries_total", ("one", "m")),
    (Degraded("price", FAILURE), "mainstay_degradations_total", ("price",)),
]


def test_every_fact_is_counted() -> None:
    assert {type(fact) for fact, _, _ in COUNTED} == set(get_args(Fact))


@pytest.mark.parametrize(("fact", "name", "labels"), COUNTED, ids=[type(fact).__name__ for fact, _, _ in COUNTED])
async def test_a_fact_is_counted_once(
    fact: Fact, name: str, labels: tuple[str, ...], counted: Metrics, a_call: ACall
) -> None:
    before = values(counted.exposition, name).get(labels, 0)
    counted.observe(a_call(), fact)
    assert values(counted.exposition, name)[labels] == before + 1


async def test_an_answer_is_timed_and_its_tokens_are_counted_zero_too(counted: Metrics, a_call: ACall) -> None:
    counted.observe(a_call(), AttemptEnded(row(), None))
    assert values(counted.exposition, "gen_ai_client_operation_duration_seconds_sum") == {("chat", "one", "m"): 1.5}
    assert values(counted.exposition, "gen_ai_client_token_usage_sum") == {
        ("chat", "one", "m", "input"): 400,
        ("chat", "one", "m", "output"): 0,
    }
    assert values(counted.exposition, "gen_ai_client_token_usage_count")["chat", "one", "m", "output"] == 1


async def test_a_failed_attempt_says_why_and_has_no_tokens(counted: Metrics, a_call: ACall) -> None:
    counted.observe(a_call(), AttemptEnded(row(outcome=pb.ATTEMPT_OUTCOME_FAILED), FAILURE))
    failed = {"mainstay_attempt_outcome": "failed", "error_type": "OVERLOADED"}
    assert value(counted.exposition, "mainstay_attempts_total", failed) == 1
    why = {"error_type": "OVERLOADED"}
    assert value(counted.exposition, "gen_ai_client_operation_duration_seconds_count", why) == 1
    assert values(counted.exposition, "gen_ai_client_token_usage_count") == {}


async def test_an_abandoned_attempt_stands_apart_from_those_that_answered(counted: Metrics, a_call: ACall) -> None:
    counted.observe(a_call(), AttemptEnded(row(outcome=pb.ATTEMPT_OUTCOME_ABANDONED), None))
    cancelled = {"error_type": "CANCELLED"}
    assert value(counted.exposition, "gen_ai_client_operation_duration_seconds_count", cancelled) == 1
    abandoned = {"mainstay_attempt_outcome": "abandoned", "error_type": ""}
    assert value(counted.exposition, "mainstay_attempts_total", abandoned) == 1
    assert values(counted.exposition, "gen_ai_client_token_usage_count") == {}


async def test_an_attempt_that_was_never_sent_is_a_skipped_target_and_no_attempt(
    counted: Metrics, a_call: ACall
) -> None:
    counted.observe(a_call(), AttemptEnded(row(outcome=pb.ATTEMPT_OUTCOME_SKIPPED), FAILURE))
    assert values(counted.exposition, "mainstay_targets_skipped_total") == {("one", "m"): 1}
    assert values(counted.exposition, "mainstay_attempts_total") == {}
    assert values(counted.exposition, "gen_ai_client_operation_duration_seconds_count") == {}


@pytest.mark.parametrize(
    ("target", "labels"),
    [
        (Target("one", "invented"), ("one", "other")),
        (Target("off", "m"), ("off", "other")),
        (Target("invented", "m"), ("other", "other")),
    ],
)
async def test_a_target_that_no_route_names_is_other(
    target: Target, labels: tuple[str, ...], counted: Metrics, a_call: ACall
) -> None:
    counted.observe(a_call(), AttemptEnded(row(target), None))
    assert values(counted.exposition, "mainstay_attempts_total") == {(*labels, "first", "answered"): 1}


async def test_rules_and_fallbacks_that_the_configuration_does_not_name_are_other(
    counted: Metrics, a_call: ACall
) -> None:
    counted.observe(a_call(), Degraded("invented", FAILURE))
    counted.observe(a_call(), FellBack(1, Target("in", "vented"), TWO, FAILURE))
    assert values(counted.exposition, "mainstay_degradations_total") == {("other",): 1}
    assert values(counted.exposition, "mainstay_fallbacks_total") == {("other", "two/m"): 1}


async def test_a_read_of_a_stream_is_timed_for_its_target(counted: Metrics, a_call: ACall) -> None:
    counted.heard(a_call(target=TWO), 0.03)
    name = "gen_ai_client_operation_time_per_output_chunk_seconds_sum"
    assert values(counted.exposition, name) == {("chat", "two", "m"): 0.03}


async def test_nothing_is_counted_of_what_has_not_happened(counted: Metrics) -> None:
    told = {name for name, number in series(counted.exposition).items() if number}
    usable = {f'mainstay_provider_usable{{gen_ai_provider_name="{name}"}}' for name in ("one", "two")}
    assert told == usable | {'mainstay_configuration{mainstay_configuration_digest="abc",service_version="1.2"}'}


async def test_what_attempts_cost_is_added_up_in_dollars_lost_ones_included(counted: Metrics, a_call: ACall) -> None:
    for outcome, nano in ((pb.ATTEMPT_OUTCOME_ANSWERED, 1_500_000), (pb.ATTEMPT_OUTCOME_ABANDONED, 500_000)):
        ended = row(TWO, outcome)
        ended.cost_nano_usd = nano
        counted.observe(a_call(), AttemptEnded(ended, None))
    counted.observe(a_call(), AttemptEnded(row(TWO), None))
    assert values(counted.exposition, "mainstay_cost_total")["two", "m"] == pytest.approx(0.002)
