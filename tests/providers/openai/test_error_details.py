"""What is shown of an error, what never is, and what its headers say."""

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.openai import OpenAI


def failure(status: int, body: object = b"", headers: dict[str, str] | None = None) -> Failure:
    return OpenAI().failure(status, headers or {}, body if isinstance(body, bytes) else orjson.dumps(body))


def error(message: str = "", **fields: object) -> dict[str, object]:
    return {"error": {"message": message, **fields}}


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (error("too hot"), "too hot"),
        ({"error": "too hot", "code": "x"}, "too hot"),
        ({"error": "too hot"}, "too hot"),
        ({"object": "error", "message": "too hot", "code": "3051"}, "too hot"),
        ({"code": "InvalidParameter", "message": "too hot", "request_id": "r"}, "too hot"),
        ({"detail": "too hot"}, "too hot"),
        (
            {"detail": [{"loc": ["body", "n", 0], "msg": "too hot"}, {"msg": "and dry"}]},
            "body.n.0: too hot; : and dry",
        ),
        ([error("too hot")], "too hot"),
        (error("failed", metadata={"raw": "too hot"}), "failed: too hot"),
        (error("  too\n\t hot \x00\x1b "), "too hot"),
        ("too hot", "too hot"),
        (b"too hot\n", "too hot"),
        (b"<html><head><TITLE>Bad\nGateway</TITLE>", "a page titled 'Bad\\nGateway'"),
        (b"<!doctype html>", "a page"),
        (b"\xff\xfe", "��"),
        (b"", "the provider reports an error without a message (HTTP 400)"),
        ({}, "the provider reports an error without a message (HTTP 400)"),
        (error(), "the provider reports an error without a message (HTTP 400)"),
        ({"error": {"message": {"deep": 1}}}, "the provider reports an error without a message (HTTP 400)"),
    ],
)
def test_every_shape_of_error_is_read(body: object, detail: str) -> None:
    assert failure(400, body).detail == detail


def test_a_detail_is_cut() -> None:
    assert len(failure(400, error("x y " * 100_000)).detail) == 200


@pytest.mark.parametrize("status", [400, 401])
def test_the_words_of_a_credential_error_are_never_repeated(status: int) -> None:
    said = failure(status, error("Incorrect API key provided: sk-ab**cd", code="invalid_api_key"))
    assert said.kind == pb.FAILURE_KIND_BAD_CREDENTIALS
    assert said.detail == f"the provider does not accept our credential (HTTP {status})"


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcDEF123",
        "sk-ab****************cd",
        "Bearer abc.def",
        "gsk_abcdefgh12345678",
        "AIzaSyA-1234567890abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIi.abc",
        "bce-v3/ALTAK-abc/def",
        "0123456789abcdef0123456789abcdef0123456789abcdef",
    ],
)
@pytest.mark.parametrize("sentence", ["saw {} here", "saw ({}), ok", '{{"k":"{}"}}', "{}"])
def test_what_looks_like_a_key_is_never_shown(secret: str, sentence: str) -> None:
    detail = failure(400, error(sentence.format(secret))).detail
    assert "***" in detail
    assert not any(piece in detail for piece in (secret, secret[8:], secret[-12:]))


@pytest.mark.parametrize(
    "sentence",
    ["api key 3f2a9c81d0b7e6", "API key ID: 5bfd0532-8fa8-4e41-8eda-16a9a73a8d6d", "token=0a1b2c3d4e5f6g"],
)
def test_a_token_beside_the_word_key_is_never_shown(sentence: str) -> None:
    assert sentence[-12:] not in failure(400, error(sentence)).detail


@pytest.mark.parametrize(
    "sentence",
    [
        "The model `qwen-qwq-32b` has been decommissioned; see https://console.groq.com/docs/deprecations",
        "Limit 10000 tokens, requested 20000 (ref: 96164522-08b2-4cbf-886e-e5a38961a688)",
        "unknown variant `image_url`, expected `text` at line 1 column 216",
        "keyword arguments of get_current_temperature must be strings",
    ],
)
def test_ordinary_words_are_shown_as_they_are(sentence: str) -> None:
    assert failure(400, error(sentence)).detail == sentence


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after-ms": "250", "retry-after": "7"}, 0.25),
        ({"retry-after-ms": "0", "retry-after": "1"}, 1.0),
        ({"retry-after-ms": "soon", "retry-after": "1"}, 1.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "0"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "1e9"}, None),
        ({"retry-after": "99999999"}, None),
        ({"retry-after": "９"}, None),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT", "Date": "Fri, 20 Nov 2026 12:00:00 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT"}, None),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT", "date": "Fri, 20 Nov 2026 12:00:00 GMT"}, None),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30", "date": "Fri, 20 Nov 2026 12:00:00 GMT"}, None),
        ({"retry-after": "Fri, 99 Nov 99999 12:00:30 GMT", "date": "?"}, None),
    ],
)
def test_the_wait_is_what_the_headers_say(headers: dict[str, str], seconds: float | None) -> None:
    assert failure(429, b"", headers).retry_after == seconds


@pytest.mark.parametrize(
    ("headers", "body", "request_id"),
    [
        ({"X-Request-Id": "a"}, {}, "a"),
        ({"request-id": "a"}, {}, "a"),
        ({"x-deepseek-request-id": "a", "apim-request-id": "b"}, {}, "a"),
        ({"x-request-id": " "}, {"request_id": "b"}, "b"),
        ({}, {"error": {"code": "x"}, "id": "as-1"}, "as-1"),
        ({}, {"id": 7, "request_id": ["x"]}, ""),
        ({"x-request-id": "a b\n\x00é"}, {}, "ab"),
        ({"x-request-id": "a" * 500}, {}, "a" * 128),
    ],
)
def test_the_providers_name_of_the_request_is_found(headers: dict[str, str], body: object, request_id: str) -> None:
    assert failure(500, body, headers).provider_request_id == request_id
