"""What errors mean, by status and by type (PROVIDERS.md 2 and 3.8)."""

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.anthropic import Anthropic
from service.providers.errors import ErrorTable


def failure(
    status: int, type: str, message: str = "x", headers: dict[str, str] | None = None, **more: object
) -> Failure:
    body = {"type": "error", "error": {"type": type, "message": message, **more}, "request_id": "req_1"}
    return Anthropic().failure(status, headers or {}, orjson.dumps(body))


INVALID = "invalid_request_error"


@pytest.mark.parametrize(
    ("status", "type", "message", "kind"),
    [
        (400, INVALID, "messages: at least one message is required", "INVALID_REQUEST"),
        (400, INVALID, "prompt is too long: 210000 tokens > 200000 maximum", "CONTEXT_TOO_LONG"),
        (400, INVALID, "input length and `max_tokens` exceed context limit: 1 + 2 > 3", "CONTEXT_TOO_LONG"),
        (400, INVALID, "Your credit balance is too low to access the Anthropic API.", "BILLING"),
        (400, INVALID, "You have reached your specified API usage limits.", "QUOTA_EXHAUSTED"),
        (400, INVALID, "Output blocked by content filtering policy", "CONTENT_FILTERED"),
        (401, "authentication_error", "invalid x-api-key", "BAD_CREDENTIALS"),
        (402, "billing_error", "x", "BILLING"),
        (403, "permission_error", "x", "PERMISSION"),
        (404, "not_found_error", "model: claude-x", "MODEL_NOT_FOUND"),
        (409, "conflict_error", "x", "OVERLOADED"),
        (413, "request_too_large", "Request exceeds the maximum size", "CONTEXT_TOO_LONG"),
        (429, "rate_limit_error", "x", "RATE_LIMITED"),
        (500, "api_error", "Internal server error", "OVERLOADED"),
        (504, "timeout_error", "x", "OVERLOADED"),
        (529, "overloaded_error", "Overloaded", "OVERLOADED"),
        (529, "new_error", "x", "OVERLOADED"),
        (418, "new_error", "x", "INVALID_REQUEST"),
    ],
)
def test_an_error_is_of_a_kind(status: int, type: str, message: str, kind: str) -> None:
    told = failure(status, type, message)
    assert (told.reason, told.provider_request_id) == (kind, "req_1")


def test_a_spending_limit_looks_like_a_rate_limit_and_is_none() -> None:
    told = failure(429, "rate_limit_error", details={"error_code": "enforced_spend_limit_reached"})
    assert told.reason == "QUOTA_EXHAUSTED"


def test_a_vendors_own_table_goes_before() -> None:
    own = ErrorTable(
        words={pb.FAILURE_KIND_BILLING: "not_found_error"},
        texts={pb.FAILURE_KIND_OVERLOADED: ("credit balance is too low",)},
        statuses={418: pb.FAILURE_KIND_PERMISSION},
    )
    wire = Anthropic(errors=own)
    assert wire.failure(404, {}, b'{"error":{"type":"not_found_error"}}').reason == "BILLING"
    assert wire.failure(400, {}, b'{"error":{"message":"credit balance is too low"}}').reason == "OVERLOADED"
    assert wire.failure(400, {}, b'{"error":{"message":"blocked by content filtering"}}').reason == "CONTENT_FILTERED"
    assert wire.failure(418, {}, b"{}").reason == "PERMISSION"


def test_where_a_table_says_nothing_the_other_holds() -> None:
    below = ErrorTable(statuses={418: pb.FAILURE_KIND_PERMISSION, 420: pb.FAILURE_KIND_BILLING})
    table = ErrorTable(statuses={418: pb.FAILURE_KIND_OVERLOADED}).over(below)
    assert table.statuses == {418: pb.FAILURE_KIND_OVERLOADED, 420: pb.FAILURE_KIND_BILLING}


def test_how_long_to_wait_and_how_the_request_is_called() -> None:
    told = failure(429, "rate_limit_error", headers={"retry-after": "7", "request-id": "req_2"})
    assert (told.retry_after, told.provider_request_id) == (7, "req_2")
    assert Anthropic().request_id({"request-id": "req_3"}) == "req_3"


def test_a_key_is_never_repeated() -> None:
    told = failure(401, "authentication_error", "invalid x-api-key: sk-ant-canary-123456789")
    assert "canary" not in told.detail
    assert "canary" not in failure(400, INVALID, "what is sk-ant-canary-123456789?").detail
