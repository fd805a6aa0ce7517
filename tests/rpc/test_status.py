"""How a failed call looks on the wire."""

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from mainstay import v1 as pb
from service.chat.failures import VERDICTS, Failure
from service.rpc import status
from service.rpc.limits import DETAIL_BYTES
from service.rpc.validation import Violations

MOST = "x" * 200


def details_of(ending: status.Ending) -> dict[str, object]:
    found: dict[str, object] = {}
    for packed in status_pb2.Status.FromString(ending.details).details:
        for kind in (
            error_details_pb2.ErrorInfo,
            error_details_pb2.RetryInfo,
            error_details_pb2.QuotaFailure,
            error_details_pb2.BadRequest,
            pb.CallFailure,
        ):
            message = kind()
            if packed.Unpack(message):
                found[kind.__name__] = message
    return found


@pytest.mark.parametrize("kind", VERDICTS, ids=pb.FailureKind.Name)
def test_every_failure_has_a_status_a_reason_and_its_provenance(kind: pb.FailureKind.ValueType) -> None:
    ending = status.failed(Failure(kind, "words"), pb.Provenance(route="fast"))
    details = details_of(ending)
    info = details["ErrorInfo"]
    assert ending.code.name == VERDICTS[kind].status.value
    assert (info.domain, info.reason) == ("mainstay", pb.FailureKind.Name(kind).removeprefix("FAILURE_KIND_"))  # type: ignore[attr-defined]
    assert details["CallFailure"] == pb.CallFailure(kind=kind, provenance=pb.Provenance(route="fast"))
    assert "words" in ending.message


@pytest.mark.parametrize("kind", VERDICTS, ids=pb.FailureKind.Name)
def test_clients_are_told_not_to_retry_what_was_unavailable_after_our_own_attempts(
    kind: pb.FailureKind.ValueType,
) -> None:
    ending = status.failed(Failure(kind, ""), pb.Provenance())
    spent = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)
    assert ending.pushback == (ending.code in spent)


@pytest.mark.parametrize("kind", [pb.FAILURE_KIND_RATE_LIMITED, pb.FAILURE_KIND_CIRCUIT_OPEN], ids=pb.FailureKind.Name)
def test_a_limit_and_an_open_circuit_say_when_to_ask_again(kind: pb.FailureKind.ValueType) -> None:
    ending = status.failed(Failure(kind, "", retry_after=2.5), pb.Provenance())
    assert details_of(ending)["RetryInfo"].retry_delay.ToMilliseconds() == 2500  # type: ignore[attr-defined]


def test_fifty_attempts_stay_under_four_kib_and_the_latest_are_kept() -> None:
    attempts = [pb.Attempt(number=number, provider="p" * 60, model="m" * 60, detail=MOST) for number in range(1, 51)]
    ending = status.failed(Failure(pb.FAILURE_KIND_OVERLOADED, MOST), pb.Provenance(attempts=attempts))
    kept = details_of(ending)["CallFailure"].provenance.attempts  # type: ignore[attr-defined]
    assert len(ending.details) <= DETAIL_BYTES
    assert len(kept) >= 5
    assert [attempt.number for attempt in kept] == list(range(51 - len(kept), 51))


def test_two_hundred_violations_stay_under_four_kib_and_say_how_many_more() -> None:
    violations = Violations()
    for number in range(200):
        violations.add(f"messages[{number}]." + "deep." * 40, "w" * 500)
    ending = status.refused(status.invalid(violations))
    rows = details_of(ending)["BadRequest"].field_violations  # type: ignore[attr-defined]
    assert len(ending.details) <= DETAIL_BYTES
    assert rows[-1].description.startswith("and ")
    assert len(ending.message.encode()) <= status.MESSAGE_BYTES


def test_four_byte_characters_count_as_bytes() -> None:
    attempts = [pb.Attempt(number=number, detail="🙂" * 200) for number in range(1, 51)]
    ending = status.failed(Failure(pb.FAILURE_KIND_OVERLOADED, "🙂" * 200), pb.Provenance(attempts=attempts))
    assert len(ending.details) <= DETAIL_BYTES


def test_a_long_route_name_does_not_break_the_bound() -> None:
    provenance = pb.Provenance(route="r" * 256, provider="p" * 256, model="🙂" * 256)
    assert len(status.failed(Failure(pb.FAILURE_KIND_UNKNOWN, "🙂" * 200), provenance).details) <= DETAIL_BYTES


def test_a_refusal_carries_its_reason() -> None:
    ending = status.refused(status.Refusal(grpc.StatusCode.NOT_FOUND, "MODEL_NOT_FOUND", "no route is called 'x'"))
    assert details_of(ending)["ErrorInfo"].reason == "MODEL_NOT_FOUND"  # type: ignore[attr-defined]
    assert not ending.pushback


def test_limits_and_other_rules_have_reasons_of_their_own() -> None:
    limits, rules = Violations(), Violations()
    limits.bound("messages", "x" * 3, 2)
    rules.add("model", "is required")
    assert status.invalid(limits).reason == "LIMIT_EXCEEDED"
    assert status.invalid(rules).reason == "INVALID_REQUEST"


def test_a_call_that_is_turned_away_in_the_middle_keeps_its_attempts() -> None:
    provenance = pb.Provenance(attempts=[pb.Attempt(number=1)])
    refusal = status.Refusal(grpc.StatusCode.UNAVAILABLE, "DRAINING", "ask again", retry_after=1)
    assert details_of(status.refused(refusal, provenance))["CallFailure"] == pb.CallFailure(provenance=provenance)


@pytest.mark.parametrize(("reason", "pushback"), [("NOT_SERVING", True), ("DRAINING", False)])
def test_a_client_is_told_not_to_ask_again_where_that_cannot_help(reason: str, pushback: bool) -> None:
    refusal = status.Refusal(grpc.StatusCode.UNAVAILABLE, reason, "")
    assert status.refused(refusal).pushback == pushback
