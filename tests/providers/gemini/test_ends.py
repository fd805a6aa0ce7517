"""Why the model stopped, what it cost, and how it fails."""

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.errors import ErrorTable
from service.providers.gemini import Gemini
from tests.providers.gemini.chunks import call, candidate, sse, text
from tests.providers.gemini.folding import WIRE, fold, streamed, whole_outcome

LENGTH, FILTERED, OTHER = (
    pb.FINISH_REASON_LENGTH,
    pb.FINISH_REASON_CONTENT_FILTER,
    pb.FINISH_REASON_OTHER,
)


def whole(chunk: object) -> pb.ChatResponse:
    return fold(WIRE.decode(orjson.dumps(chunk)))


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("STOP", pb.FINISH_REASON_STOP),
        (1, pb.FINISH_REASON_STOP),
        ("FINISH_REASON_UNSPECIFIED", pb.FINISH_REASON_STOP),
        ("MAX_TOKENS", LENGTH),
        (2, LENGTH),
        ("CONTINUATION", LENGTH),
        *((word, FILTERED) for word in ("SAFETY", 3, "RECITATION", 4, "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT")),
        *((word, FILTERED) for word in ("SPII", "IMAGE_SAFETY", "IMAGE_RECITATION", "MODEL_ARMOR", "ESCALATION")),
        *((word, OTHER) for word in ("OTHER", 5, "NO_IMAGE", "PUP_LIMITED_DISABLED", "OF_TOMORROW", 99)),
    ],
)
def test_each_word_has_its_reason_and_is_kept(word: str | int, reason: pb.FinishReason.ValueType) -> None:
    said = whole(candidate(text("A"), finish=word))
    assert said.finish_reason == reason
    assert said.provider_finish_reason == ("" if "UNSPECIFIED" in str(word) else str(word))


def test_there_is_no_word_for_tool_calls() -> None:
    assert whole(candidate(call("f"), finish="STOP")).finish_reason == pb.FINISH_REASON_TOOL_CALLS
    assert whole(candidate(call("f"), finish="MAX_TOKENS")).finish_reason == LENGTH


@pytest.mark.parametrize("word", ["MAX_TOKENS", "SAFETY", "RECITATION"])
def test_an_answer_that_says_nothing_is_one_where_the_word_explains_it(word: str) -> None:
    assert whole(candidate(finish=word)).message.parts == []


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *((w, "MALFORMED") for w in ("MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL")),
        ("TOO_MANY_TOOL_CALLS", "MALFORMED"),
        ("MISSING_THOUGHT_SIGNATURE", "REJECTED_PARAMETER"),
    ],
)
def test_a_model_that_failed_is_a_failure_however_much_it_said(word: str, kind: str) -> None:
    chunk = candidate(text("A"), call("f"), finish=word)
    chunk["candidates"][0]["finishMessage"] = "because"
    for decode in (whole, lambda chunk: fold(streamed([sse(chunk)]))):
        with pytest.raises(Failure, match=f"{kind}: the model stopped with {word}: because"):
            decode(chunk)


def test_other_is_a_failure_of_an_answer_that_says_nothing() -> None:
    assert whole_outcome(orjson.dumps(candidate(finish="OTHER"))) == "MALFORMED: the model stopped with OTHER"


@pytest.mark.parametrize("word", ["SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "MODEL_ARMOR", "JAILBREAK"])
def test_a_prompt_that_is_blocked_is_refused(word: str) -> None:
    chunk = {"promptFeedback": {"blockReason": word, "blockReasonMessage": "no"}, "usageMetadata": {}}
    for decode in (whole, lambda chunk: fold(streamed([sse(chunk)]))):
        with pytest.raises(Failure, match=f"CONTENT_FILTERED: the provider refuses the prompt: {word}, no"):
            decode(chunk)


def test_what_google_says_of_a_prompt_that_it_takes_changes_nothing() -> None:
    rated = candidate(text("A"), finish="STOP", promptFeedback={"safetyRatings": [{}]})
    assert whole(rated) == whole(candidate(text("A"), finish="STOP"))


def test_a_block_in_the_middle_ends_the_answer() -> None:
    said = fold(streamed([sse(candidate(text("A")), {"promptFeedback": {"blockReason": "SAFETY"}})]))
    assert (said.finish_reason, said.provider_finish_reason) == (FILTERED, "SAFETY")


@pytest.mark.parametrize(
    ("counts", "usage"),
    [
        ({"promptTokenCount": 5, "candidatesTokenCount": 2}, pb.Usage(input_tokens=5, output_tokens=2)),
        (
            {"promptTokenCount": 5, "candidatesTokenCount": 2, "thoughtsTokenCount": 30, "toolUsePromptTokenCount": 4},
            pb.Usage(input_tokens=9, output_tokens=32, reasoning_tokens=30),
        ),
        (
            {"promptTokenCount": 5, "cachedContentTokenCount": 3},
            pb.Usage(input_tokens=5, cached_input_tokens=3),
        ),
        ({"promptTokenCount": -1, "candidatesTokenCount": 1 << 60, "thoughtsTokenCount": True}, None),
        ({"trafficType": "ON_DEMAND"}, None),
    ],
)
def test_tokens_are_counted_as_the_contract_counts_them(counts: object, usage: pb.Usage | None) -> None:
    said = whole(candidate(text("A"), finish="STOP", usageMetadata=counts))
    assert (said.usage if said.HasField("usage") else None) == usage


def test_the_last_count_is_the_count_as_a_whole() -> None:
    first = {"promptTokenCount": 5, "cachedContentTokenCount": 3, "candidatesTokenCount": 1}
    last = {"promptTokenCount": 6, "candidatesTokenCount": 9}
    chunks = [candidate(text("A"), usageMetadata=first), candidate(finish="STOP", usageMetadata=last)]
    assert fold(streamed([sse(*chunks)])).usage == pb.Usage(input_tokens=6, output_tokens=9)
    nothing = candidate(finish="STOP", usageMetadata={"trafficType": "ON_DEMAND"})
    assert fold(streamed([sse(*chunks, nothing)])).usage.output_tokens == 9


def error(code: int, status: str, message: str = "m", *details: object) -> bytes:
    return orjson.dumps({"error": {"code": code, "status": status, "message": message, "details": list(details)}})


def reason(word: str) -> dict[str, object]:
    return {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": word, "domain": "googleapis.com"}


def quota(id: str) -> dict[str, object]:
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": id}]}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (error(400, "INVALID_ARGUMENT"), "INVALID_REQUEST"),
        (error(400, "INVALID_ARGUMENT", "x", reason("API_KEY_INVALID")), "BAD_CREDENTIALS"),
        (error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."), "BAD_CREDENTIALS"),
        (error(400, "INVALID_ARGUMENT", "API key expired. Please renew it."), "BAD_CREDENTIALS"),
        (
            error(
                400, "INVALID_ARGUMENT", "The input token count (9) exceeds the maximum number of tokens allowed (8)."
            ),
            "CONTEXT_TOO_LONG",
        ),
        (error(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), "PERMISSION"),
        (error(401, "UNAUTHENTICATED", "m", reason("CREDENTIALS_MISSING")), "BAD_CREDENTIALS"),
        (error(401, "UNAUTHENTICATED", "m", reason("ACCESS_TOKEN_EXPIRED")), "BAD_CREDENTIALS"),
        (error(402, "FAILED_PRECONDITION"), "BILLING"),
        (error(403, "PERMISSION_DENIED"), "PERMISSION"),
        (error(403, "PERMISSION_DENIED", "m", reason("API_KEY_SERVICE_BLOCKED")), "PERMISSION"),
        (error(403, "PERMISSION_DENIED", "m", reason("SERVICE_DISABLED")), "PERMISSION"),
        (error(404, "NOT_FOUND"), "MODEL_NOT_FOUND"),
        (error(429, "RESOURCE_EXHAUSTED"), "RATE_LIMITED"),
        (error(429, "RESOURCE_EXHAUSTED", "m", quota("GenerateRequestsPerMinutePerProject")), "RATE_LIMITED"),
        (error(429, "RESOURCE_EXHAUSTED", "m", quota("GenerateRequestsPerDayPerProject-FreeTier")), "QUOTA_EXHAUSTED"),
        (error(429, "RESOURCE_EXHAUSTED", "metric: x, limit: 0, model: y\nPlease retry in 4s."), "QUOTA_EXHAUSTED"),
        (error(429, "RESOURCE_EXHAUSTED", "metric: x, limit: 0\nPlease retry in 4s."), "QUOTA_EXHAUSTED"),
        (error(429, "RESOURCE_EXHAUSTED", "m", reason("RATE_LIMIT_EXCEEDED")), "RATE_LIMITED"),
        (error(499, "CANCELLED"), "UNREACHABLE"),
        (error(500, "INTERNAL"), "OVERLOADED"),
        (error(501, "UNIMPLEMENTED"), "UNSUPPORTED"),
        (error(503, "UNAVAILABLE"), "OVERLOADED"),
        (error(504, "DEADLINE_EXCEEDED"), "OVERLOADED"),
        (b"<html><title>502 Bad Gateway</title>", "OVERLOADED"),
    ],
)
def test_an_error_is_the_kind_of_failure_that_it_is(body: bytes, kind: str) -> None:
    status = 502 if body.startswith(b"<") else orjson.loads(body)["error"]["code"]
    assert WIRE.failure(status, {}, body).reason == kind
    if not body.startswith(b"<"):
        with pytest.raises(Failure, match=kind):
            WIRE.decode(body)  # inside a 200, where the code stands for the status
        with pytest.raises(Failure, match=kind):
            WIRE.decode(b"[" + body + b"]")


@pytest.mark.parametrize(
    ("message", "details", "wait"),
    [
        ("m", [{"@type": "…/google.rpc.RetryInfo", "retryDelay": "48s"}], 48),
        ("m", [{"retryDelay": "1.5s"}], 1.5),
        ("Please retry in 3.25s.", [], 3.25),
        ("m", [{"retryDelay": "soon"}], None),
        ("m", [], None),
    ],
)
def test_the_wait_that_google_asks_for_stands_in_the_body(message: str, details: list[object], wait: float) -> None:
    failure = WIRE.failure(429, {}, error(429, "RESOURCE_EXHAUSTED", message, *details))
    assert failure.retry_after == wait


def test_a_vendors_own_table_goes_before_googles() -> None:
    own = ErrorTable(words={pb.FAILURE_KIND_BILLING: "NOT_FOUND"}, texts={pb.FAILURE_KIND_OVERLOADED: ("busy",)})
    wire = Gemini(errors=own)
    assert wire.failure(404, {}, error(404, "NOT_FOUND")).reason == "BILLING"
    assert wire.failure(400, {}, error(400, "INVALID_ARGUMENT", "busy")).reason == "OVERLOADED"
    assert wire.failure(400, {}, error(400, "X", "m", reason("API_KEY_INVALID"))).reason == "BAD_CREDENTIALS"


def test_a_key_that_is_not_accepted_is_not_repeated() -> None:
    failure = WIRE.failure(400, {}, error(400, "INVALID_ARGUMENT", "bad AIzaXYZ", reason("API_KEY_INVALID")))
    assert "AIza" not in failure.detail
