"""How much of a call's time is ours."""

from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.ledger import Ledger
from service.telemetry.metrics.overhead import overhead
from tests.telemetry.metrics.test_calls import record

ACall = Callable[..., Call]
ANSWERED, FAILED, SKIPPED = pb.ATTEMPT_OUTCOME_ANSWERED, pb.ATTEMPT_OUTCOME_FAILED, pb.ATTEMPT_OUTCOME_SKIPPED
Attempts = list[tuple[float, float, pb.AttemptOutcome.ValueType]]


@pytest.mark.parametrize(
    ("attempts", "unary", "stream"),
    [
        ([], 2.5, 2.5),
        ([(0.1, 2.0, ANSWERED)], 0.5, 0.1),
        ([(0.1, 0.4, FAILED), (1.5, 0.75, ANSWERED)], 0.35, 0.1),
        ([(0.1, 2.0, FAILED), (0.2, 0.3, ANSWERED)], 0.5, 0.1),  # the last to end is not the last to begin
        ([(0.05, 0.0, SKIPPED), (0.1, 2.0, ANSWERED)], 0.5, 0.1),
        ([(0.05, 0.0, SKIPPED)], 2.5, 2.5),
        ([(0.1, 0.0, pb.ATTEMPT_OUTCOME_UNSPECIFIED)], 0.1, 0.1),  # still open
    ],
)
def test_ours_is_what_lies_before_the_first_attempt_and_after_the_last(
    attempts: Attempts, unary: float, stream: float, a_call: ACall
) -> None:
    for streamed, expected in ((False, unary), (True, stream)):
        call = a_call(arrived=10.0, streamed=streamed)
        for began, lasted, outcome in attempts:
            row = call.ledger.open(call.target, pb.ATTEMPT_CAUSE_FIRST, began)
            row.latency.FromNanoseconds(round(lasted * 1e9))
            row.outcome = outcome
        assert overhead(record(call)) == pytest.approx(expected)


def test_a_call_that_was_turned_away_is_ours() -> None:
    assert overhead(record()) == 2.5


def test_of_a_call_that_shared_anothers_answer_nobody_knows(a_call: ACall) -> None:
    call = a_call(arrived=10.0)
    call.ledger.join("call_0", Ledger())
    assert overhead(record(call)) is None
