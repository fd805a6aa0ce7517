"""What errors mean, in all the shapes in which vendors report them."""

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.errors.meaning import failure_in, failure_said
from service.providers.errors.table import ErrorTable
from service.providers.openai import OpenAI

RATE_LIMITED, QUOTA_EXHAUSTED = pb.FAILURE_KIND_RATE_LIMITED, pb.FAILURE_KIND_QUOTA_EXHAUSTED
BILLING, OVERLOADED = pb.FAILURE_KIND_BILLING, pb.FAILURE_KIND_OVERLOADED
BAD_CREDENTIALS, PERMISSION = pb.FAILURE_KIND_BAD_CREDENTIALS, pb.FAILURE_KIND_PERMISSION
MODEL_NOT_FOUND, CONTEXT_TOO_LONG = pb.FAILURE_KIND_MODEL_NOT_FOUND, pb.FAILURE_KIND_CONTEXT_TOO_LONG
INVALID_REQUEST, CONTENT_FILTERED = pb.FAILURE_KIND_INVALID_REQUEST, pb.FAILURE_KIND_CONTENT_FILTERED
UNKNOWN, MALFORMED = pb.FAILURE_KIND_UNKNOWN, pb.FAILURE_KIND_MALFORMED


def failure(status: int, body: object = b"", headers: dict[str, str] | None = None) -> Failure:
    return OpenAI().failure(status, headers or {}, body if isinstance(body, bytes) else orjson.dumps(body))


def error(message: str = "", **fields: object) -> dict[str, object]:
    return {"error": {"message": message, **fields}}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, INVALID_REQUEST),
        (401, BAD_CREDENTIALS),
        (402, BILLING),
        (403, PERMISSION),
        (404, MODEL_NOT_FOUND),
        (405, INVALID_REQUEST),
        (408, OVERLOADED),
        (409, OVERLOADED),
        (413, CONTEXT_TOO_LONG),
        (418, INVALID_REQUEST),
        (422, INVALID_REQUEST),
        (425, OVERLOADED),
        (429, RATE_LIMITED),
        (498, OVERLOADED),
        (499, pb.FAILURE_KIND_UNREACHABLE),
        (500, OVERLOADED),
        (502, OVERLOADED),
        (503, OVERLOADED),
        (504, OVERLOADED),
        (529, OVERLOADED),
        (302, UNKNOWN),
        (600, UNKNOWN),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b"7", b'{"error":{"type":"invalid_request_error"}}'])
def test_a_status_alone_tells_the_kind(status: int, kind: pb.FailureKind.ValueType, body: bytes) -> None:
    assert failure(status, body).kind == kind


@pytest.mark.parametrize(
    ("status", "fields", "kind"),
    [
        (429, {"code": "insufficient_quota", "type": "insufficient_quota"}, QUOTA_EXHAUSTED),
        (429, {"type": "insufficient_quota"}, QUOTA_EXHAUSTED),
        (429, {"code": "billing_not_active"}, BILLING),
        (429, {"code": "rate_limit_exceeded", "type": "tokens"}, RATE_LIMITED),
        (429, {"type": "exceeded_current_quota_error"}, QUOTA_EXHAUSTED),
        (429, {"type": "engine_overloaded_error"}, OVERLOADED),
        (429, {"code": "QuotaExceeded.Monthly"}, QUOTA_EXHAUSTED),
        (429, {"code": "ModelAccountRpmRateLimitExceeded"}, RATE_LIMITED),
        (429, {"code": "SetLimitExceeded"}, QUOTA_EXHAUSTED),
        (429, {"code": "coding_plan_week_quota_exceeded"}, QUOTA_EXHAUSTED),
        (402, {"code": 402, "metadata": {"limit_source": "openrouter_in_flight_budget"}}, RATE_LIMITED),
        (403, {"code": "account_overdue"}, BILLING),
        (403, {"code": "AccountOverdueError"}, BILLING),
        (403, {"code": "AllocationQuota.FreeTierOnly"}, BILLING),
        (400, {"code": "Arrearage"}, BILLING),
        (422, {"type": "budget_exceeded", "code": "422"}, QUOTA_EXHAUSTED),
        (400, {"code": "context_length_exceeded"}, CONTEXT_TOO_LONG),
        (400, {"code": "tokens_too_long"}, CONTEXT_TOO_LONG),
        (400, {"type": "exceed_context_size_error", "code": 400}, CONTEXT_TOO_LONG),
        (413, {"code": "rate_limit_exceeded", "type": "tokens"}, CONTEXT_TOO_LONG),
        (400, {"code": "content_filter", "innererror": {"code": "x"}}, CONTENT_FILTERED),
        (400, {"code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}, CONTENT_FILTERED),
        (400, {"code": "DataInspectionFailed"}, CONTENT_FILTERED),
        (400, {"code": "data_inspection_failed"}, CONTENT_FILTERED),
        (403, {"type": "unsafe_request", "code": "system_unsafe"}, CONTENT_FILTERED),
        (400, {"code": "SensitiveContentDetected.Severe"}, CONTENT_FILTERED),
        (403, {"code": 403, "metadata": {"reasons": ["violence"]}}, CONTENT_FILTERED),
        (400, {"code": "model_decommissioned"}, MODEL_NOT_FOUND),
        (403, {"code": "InvalidEndpointOrModel.ModelIDAccessDisabled"}, MODEL_NOT_FOUND),
        (400, {"code": "invalid_api_key"}, BAD_CREDENTIALS),
        (
            400,
            {"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]},
            BAD_CREDENTIALS,
        ),
        (401, {"type": "authentication_error", "code": "invalid_request_error"}, BAD_CREDENTIALS),
        (503, {"code": "slow_down"}, OVERLOADED),
        (400, {"code": "tool_use_failed"}, MALFORMED),
        (400, {"code": "unsupported_parameter", "type": "invalid_request_error"}, INVALID_REQUEST),
        (400, {"code": {"a": 1}, "type": ["b"]}, INVALID_REQUEST),
    ],
)
def test_a_code_or_type_tells_more_than_the_status(
    status: int, fields: dict[str, object], kind: pb.FailureKind.ValueType
) -> None:
    assert failure(status, error("x", **fields)).kind == kind


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (400, "This model's maximum context length is 8192 tokens.", CONTEXT_TOO_LONG),
        (400, "Range of input length should be [1, 30720]", CONTEXT_TOO_LONG),
        (500, "request (2009 tokens) exceeds the available context size", CONTEXT_TOO_LONG),
        (429, "please reduce the length of the messages", RATE_LIMITED),
        (400, "Incorrect API key provided: xai-…", BAD_CREDENTIALS),
        (403, "Content violates usage guidelines. Team: t", CONTENT_FILTERED),
        (403, "You may not", PERMISSION),
    ],
)
def test_the_message_tells_where_nothing_else_does(status: int, message: str, kind: pb.FailureKind.ValueType) -> None:
    assert failure(status, {"code": "Client specified an invalid argument", "error": message}).kind == kind


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (error("x", type="server_error"), OVERLOADED),
        (error("x", type="invalid_request_error"), INVALID_REQUEST),
        (error("x", code=429), RATE_LIMITED),
        (error("x", code="429"), RATE_LIMITED),
        (error("x", status_code=400, code="tool_use_failed"), MALFORMED),
        (error("x", code=200), UNKNOWN),
        (error("x"), UNKNOWN),
        ({"error": True}, UNKNOWN),
        (None, UNKNOWN),
    ],
)
def test_an_error_inside_an_answer_is_classified_by_what_it_says(value: object, kind: pb.FailureKind.ValueType) -> None:
    assert failure_in(value).kind == kind


def test_an_error_body_of_any_depth_is_borne() -> None:
    deep = orjson.Fragment("[" * 500 + "]" * 500)
    assert (
        failure(400, {"error": {"message": deep, "code": deep, "details": [deep, {"reason": deep}]}}).kind
        == INVALID_REQUEST
    )


OWN = ErrorTable(
    words={QUOTA_EXHAUSTED: "1308 Plan*Exceeded", RATE_LIMITED: "insufficient_quota"},
    texts={BILLING: ("top up",)},
    statuses={403: RATE_LIMITED},
)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (429, error("x", code="1308"), QUOTA_EXHAUSTED),
        (429, error("x", code="plan_week_exceeded"), QUOTA_EXHAUSTED),
        (429, error("x", code="insufficient_quota"), RATE_LIMITED),
        (429, error("Please top up"), BILLING),
        (429, error("Please top up", code="rate_limit_exceeded"), RATE_LIMITED),
        (403, error("x"), RATE_LIMITED),
        (403, error("x", code="account_overdue"), BILLING),
        (400, error("x"), INVALID_REQUEST),
    ],
)
def test_a_vendors_own_table_goes_before_what_holds_for_all(
    status: int, body: object, kind: pb.FailureKind.ValueType
) -> None:
    assert OpenAI(errors=OWN).failure(status, {}, orjson.dumps(body)).kind == kind


def test_a_vendors_own_table_holds_inside_an_answer_too() -> None:
    assert failure_in(error("x", code="1308"), own=OWN).kind == QUOTA_EXHAUSTED
    assert failure_said(orjson.dumps(error("x", code="1308")), OWN).kind == QUOTA_EXHAUSTED


@pytest.mark.parametrize(
    ("details", "wait"),
    [
        ([{"retryDelay": "46s"}], 46.0),
        ([{"reason": "x"}, {"retryDelay": "0.5s"}], 0.5),
        ([{"retryDelay": "0s"}], None),
        ([{"retryDelay": "soon"}], None),
        ([{"retryDelay": 46}], None),
        ("46s", None),
    ],
)
def test_googles_wait_stands_in_the_body(details: object, wait: float | None) -> None:
    body = error("x", code=429, details=details)
    assert failure(429, body).retry_after == wait
    assert failure_in(body).retry_after == wait
    assert failure(429, body, {"retry-after": "7"}).retry_after == 7


def test_googles_wait_may_stand_in_its_words_only() -> None:
    assert failure(429, error("Quota exceeded. Please retry in 46.5s.")).retry_after == 46.5
    assert failure(429, error("Please retry in 46.5s.", details=[{"retryDelay": "7s"}])).retry_after == 7
    assert failure(429, error("Please retry in a while, at most 46s.")).retry_after is None
