"""What the edge knows of calls, counted."""

from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.record import Record
from service.telemetry.metrics.dimensions import CALLERS
from service.telemetry.metrics.metrics import Metrics
from tests.telemetry.metrics.reading import value, values

ACall = Callable[..., Call]
SERVICE = "mainstay.v1.ChatService"


def record(call: Call | None = None, **fields: object) -> Record:
    defaults: dict[str, object] = {
        "method": "Chat",
        "caller": "me",
        "request_id": "",
        "model": "fast",
        "trace_id": "",
        "span_id": "",
        "arrived": 10.0,
        "ended": 12.5,
        "status": "OK",
    }
    return Record(call=call, **{**defaults, **fields})  # type: ignore[arg-type]


async def test_a_call_is_open_until_it_ends(counted: Metrics) -> None:
    counted.began("Chat")
    counted.began("ChatStream")
    assert values(counted.exposition, "mainstay_open_calls") == {(f"{SERVICE}/Chat",): 1, (f"{SERVICE}/ChatStream",): 1}
    counted.ended(record(method="ChatStream"))
    assert values(counted.exposition, "mainstay_open_calls")[f"{SERVICE}/ChatStream",] == 0


async def test_a_call_is_timed_under_its_method_and_status(counted: Metrics) -> None:
    counted.ended(record())
    expected = {(f"{SERVICE}/Chat", "OK", "grpc"): 2.5}
    assert values(counted.exposition, "rpc_server_call_duration_seconds_sum") == expected


@pytest.mark.parametrize(
    ("status", "error"), [("UNAVAILABLE", "UNAVAILABLE"), ("INVALID_ARGUMENT", ""), ("CANCELLED", ""), ("NEW", "")]
)
async def test_a_status_is_an_error_if_it_is_ours(status: str, error: str, counted: Metrics) -> None:
    counted.ended(record(status=status, reason="OVERLOADED"))
    labels = {"rpc_response_status_code": "other" if status == "NEW" else status, "error_type": error}
    assert value(counted.exposition, "rpc_server_call_duration_seconds_count", labels) == 1


async def test_calls_are_counted_by_route_source_and_reason(counted: Metrics, a_call: ACall) -> None:
    simulated = pb.Started(source=pb.SOURCE_SIMULATOR)
    counted.ended(record(a_call(route="fast"), started=pb.Started(source=pb.SOURCE_MODEL)))
    counted.ended(record(a_call(route=""), started=simulated, status="UNAVAILABLE", reason="STALLED"))
    counted.ended(record(a_call(route="unheard of"), status="CANCELLED"))
    counted.ended(record(status="NOT_FOUND", reason="MODEL_NOT_FOUND"))
    counted.ended(record(status="INTERNAL", reason="NEW"))
    assert values(counted.exposition, "mainstay_calls_total") == {
        ("OK", "fast", "MODEL"): 1,
        ("STALLED", "provider/model", "SIMULATOR"): 1,
        ("CANCELLED", "other", "NONE"): 1,
        ("MODEL_NOT_FOUND", "NONE"): 1,
        ("other", "NONE"): 1,
    }


async def test_the_first_callers_have_names_and_the_others_are_other(counted: Metrics, a_call: ACall) -> None:
    for number in [*range(CALLERS + 5), 0, CALLERS + 1]:
        counted.ended(record(a_call(), caller=f"caller-{number}"))
    calls = values(counted.exposition, "mainstay_caller_calls_total")
    assert len(calls) == CALLERS + 1
    assert calls["caller-0", "OK"] == 2
    assert calls["other", "OK"] == 6


async def test_whoever_is_only_turned_away_takes_no_callers_name(counted: Metrics, a_call: ACall) -> None:
    for number in range(CALLERS * 3):
        counted.ended(record(caller=f"invented-{number}", status="NOT_FOUND", reason="MODEL_NOT_FOUND"))
    counted.ended(record(a_call(), caller="honest"))
    counted.ended(record(caller="honest", status="NOT_FOUND", reason="MODEL_NOT_FOUND"))
    assert values(counted.exposition, "mainstay_caller_calls_total") == {
        ("other", "MODEL_NOT_FOUND"): CALLERS * 3,
        ("honest", "OK"): 1,
        ("honest", "MODEL_NOT_FOUND"): 1,
    }


async def test_of_a_listing_only_the_time_is_told_since_it_asks_no_model(counted: Metrics) -> None:
    counted.ended(record(method="ListModels", ended=10.25))
    expected = {(f"{SERVICE}/ListModels", "OK", "grpc"): 0.25}
    assert values(counted.exposition, "rpc_server_call_duration_seconds_sum") == expected
    for name in ("mainstay_calls_total", "mainstay_caller_calls_total", "mainstay_overhead_duration_seconds_count"):
        assert values(counted.exposition, name) == {}
    assert values(counted.exposition, "mainstay_open_calls") == {}


async def test_a_method_that_is_new_is_other(counted: Metrics) -> None:
    counted.began("Invented")
    counted.ended(record(method="Invented"))
    assert values(counted.exposition, "mainstay_open_calls")["other",] == 0
