from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.ledger import Ledger
from service.chat.record import Record
from service.chat.target import Target
from service.telemetry import access
from tests.kit.log_schema import Schema
from tests.kit.written import written


def a_record(**fields: Any) -> Record:
    known = {"method": "Chat", "caller": "tester", "request_id": "r", "model": "fast", "arrived": 1.0, "ended": 1.5}
    return Record(**{**known, "trace_id": "0" * 32, "span_id": "0" * 16, "status": "OK", **fields})


@pytest.mark.parametrize(
    ("status", "reason", "level"),
    [
        ("OK", "", "info"),
        ("CANCELLED", "", "info"),
        ("INVALID_ARGUMENT", "INVALID_REQUEST", "info"),
        ("NOT_FOUND", "MODEL_NOT_FOUND", "info"),
        ("FAILED_PRECONDITION", "UNSUPPORTED", "info"),
        ("UNAVAILABLE", "OVERLOADED", "warning"),
        ("UNAVAILABLE", "NOT_SERVING", "warning"),
        ("DEADLINE_EXCEEDED", "OUT_OF_TIME", "warning"),
        ("INTERNAL", "INTERNAL", "warning"),
        ("INTERNAL", "REJECTED_PARAMETER", "error"),
        ("UNAVAILABLE", "DRAINING", "info"),
    ],
)
def test_the_level_says_whether_anybody_was_hurt(status: str, reason: str, level: str) -> None:
    with written() as lines:
        access.tell(a_record(status=status, reason=reason))
    (line,) = lines.of("call")
    assert line["level"] == level
    assert list(Schema().wrongs(line)) == []


def test_a_call_that_was_cut_short_by_the_drain_is_a_loss(a_call: Any) -> None:
    call: Call = a_call()
    with written() as lines:
        access.tell(a_record(status="UNAVAILABLE", reason="DRAINING", call=call))
    assert lines.of("call")[0]["level"] == "warning"


def test_a_whole_line_is_as_the_page_says(a_call: Any) -> None:
    started = pb.Started(source=pb.SOURCE_MODEL, provider="p", model="m")
    usage = pb.Usage(input_tokens=3, output_tokens=4)
    call: Call = a_call()
    asked_in_vain(call, Target("p", "m"), pb.FAILURE_KIND_CUT_OFF)
    call.ledger.join("call_0", Ledger())
    call.ledger.open(call.target, pb.ATTEMPT_CAUSE_RETRY, 0.0).cost_nano_usd = 0
    with written() as lines:
        access.tell(a_record(call=call, started=started, usage=usage, first_token=1.25, reason="x"))
    (line,) = lines.of("call")
    event = Schema().events["call"]
    assert set(line) - {"timestamp", "level", "event"} == event.fields | event.sometimes
    assert (line["duration_ms"], line["first_token_ms"]) == (500.0, 250.0)


def test_a_line_tells_the_cost_unless_it_is_unknown(a_call: Any) -> None:
    call: Call = a_call()
    assert access.line(a_record(call=call))["cost_usd"] == 0
    call.ledger.open(call.target, pb.ATTEMPT_CAUSE_FIRST, 0.0).cost_nano_usd = 12_500
    assert access.line(a_record(call=call))["cost_usd"] == 1.25e-05
    call.ledger.open(call.target, pb.ATTEMPT_CAUSE_RETRY, 0.0)
    assert "cost_usd" not in access.line(a_record(call=call))


def asked_in_vain(call: Call, target: Target, failure: pb.FailureKind.ValueType) -> None:
    """Adds a row; without a failure it was given up."""
    row = call.ledger.open(target, pb.ATTEMPT_CAUSE_FIRST, 0.0)
    row.failure, row.cost_nano_usd = failure, 0
    row.outcome = pb.ATTEMPT_OUTCOME_FAILED if failure else pb.ATTEMPT_OUTCOME_ABANDONED


@pytest.mark.parametrize(
    "ended",
    [
        {"status": "UNAVAILABLE", "reason": "TOO_SLOW"},
        {"status": "OK", "started": pb.Started(source=pb.SOURCE_RULE)},
        {"status": "OK", "started": pb.Started(source=pb.SOURCE_STALE_CACHE, provider="one", model="m")},
    ],
    ids=["failed", "degraded", "stale"],
)
def test_where_no_model_answered_the_line_says_whom_was_asked_and_why_in_vain(a_call: Any, ended: Any) -> None:
    call: Call = a_call()
    asked_in_vain(call, Target("one", "m"), pb.FAILURE_KIND_BAD_CREDENTIALS)
    asked_in_vain(call, Target("one", "m"), pb.FAILURE_KIND_BAD_CREDENTIALS)
    asked_in_vain(call, Target("two", "m"), pb.FAILURE_KIND_UNSPECIFIED)
    with written() as lines:
        access.tell(a_record(call=call, **ended))
    (line,) = lines.of("call")
    assert line["failed"] == ["one/m BAD_CREDENTIALS", "two/m ABANDONED"]
    assert list(Schema().wrongs(line)) == []


@pytest.mark.parametrize(
    "ended", [{"started": pb.Started(source=pb.SOURCE_MODEL, provider="p", model="m")}, {"status": "CANCELLED"}]
)
def test_of_a_call_that_a_model_answered_or_whose_caller_left_the_line_says_no_such_thing(
    a_call: Any, ended: Any
) -> None:
    call: Call = a_call()
    asked_in_vain(call, Target("one", "m"), pb.FAILURE_KIND_OVERLOADED)
    assert "failed" not in access.line(a_record(call=call, **ended))


def test_of_a_rules_answer_the_line_names_no_provider(a_call: Any) -> None:
    fields = access.line(a_record(call=a_call(), started=pb.Started(source=pb.SOURCE_RULE)))
    assert fields["source"] == "RULE"
    assert {"provider", "used_model", "failed"} & fields.keys() == set()
