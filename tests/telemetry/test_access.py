from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.record import Record
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
    with written() as lines:
        access.tell(a_record(call=a_call(), started=started, usage=usage, first_token=1.25, reason="x"))
    (line,) = lines.of("call")
    event = Schema().events["call"]
    assert set(line) - {"timestamp", "level", "event"} == event.fields | event.sometimes
    assert (line["duration_ms"], line["first_token_ms"]) == (500.0, 250.0)
