"""One request for a token in all its spellings, and what can come back."""

import json
from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.auth import Grant
from service.providers.auth.grant import LIFE_LEAST, LIFE_MOST

CANARY = "Canary7Secret7Topaz"


def grant(**fields: Any) -> Grant:
    return Grant(url="https://tokens.test/oauth/token", client_id="me & co", client_secret=CANARY, **fields)


def flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query, strict_parsing=True).items()}


ASKED = {"grant_type": "client_credentials", "client_id": "me & co", "client_secret": CANARY}


def test_a_form_is_what_the_standard_wants() -> None:
    asked = grant(fields=(("scope", "chat"),)).request()
    assert asked.url == "https://tokens.test/oauth/token"
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert flat(asked.body.decode()) == {**ASKED, "scope": "chat"}


def test_json_with_names_of_its_own() -> None:
    asked = grant(send_as="json", id_field="client_key").request()
    assert asked.headers["content-type"] == "application/json"
    expected = {"grant_type": "client_credentials", "client_key": "me & co", "client_secret": CANARY}
    assert json.loads(asked.body) == expected


def test_a_query() -> None:
    asked = grant(send_as="query").request()
    assert asked.body == b""
    assert flat(urlsplit(asked.url).query) == ASKED


def test_basic_authorization_names_the_client_and_the_body_does_not() -> None:
    asked = grant(client_in="basic").request()
    scheme, _, encoded = asked.headers["authorization"].partition(" ")
    assert (scheme, b64decode(encoded)) == ("Basic", f"me+%26+co:{CANARY}".encode())
    assert flat(asked.body.decode()) == {"grant_type": "client_credentials"}


def test_a_token_is_found_at_its_path() -> None:
    said = b'{"data": {"access_token": "t", "expires_in": "7200"}}'
    found = grant(token_path="data.access_token", life_path="data.expires_in").granted(200, {}, said)
    assert found == ("t", 7200.0)


@pytest.mark.parametrize("life", ["null", '"soon"', "{}", "[]", '"nan"', '"inf"'])
def test_a_life_that_is_not_said_is_assumed(life: str) -> None:
    said = f'{{"access_token": "t", "expires_in": {life}}}'
    assert grant(assumed_life=77).granted(200, {}, said.encode()).life == 77
    assert grant(assumed_life=77).granted(200, {}, b'{"access_token": "t"}').life == 77


SAID = st.one_of(
    st.integers(-(2**63), 2**63), st.floats(), st.text(st.characters(codec="utf-8")), st.none(), st.booleans()
)


@given(SAID)
def test_whatever_is_said_of_its_life_a_token_lives_for_a_bounded_time(said: object) -> None:
    body = orjson.dumps({"access_token": "t", "expires_in": said})
    assert LIFE_LEAST <= grant().granted(200, {}, body).life <= LIFE_MOST


@pytest.mark.parametrize(
    ("status", "body", "kind", "detail"),
    [
        (401, '{"error": "invalid_client"}', pb.FAILURE_KIND_BAD_CREDENTIALS, "(HTTP 401, invalid_client)"),
        (400, f'{{"error": "{CANARY}"}}', pb.FAILURE_KIND_BAD_CREDENTIALS, "does not accept our client (HTTP 400)"),
        (302, "", pb.FAILURE_KIND_BAD_CREDENTIALS, "(HTTP 302)"),
        (200, f'{{"data": {{"error_code": 7, "x": "{CANARY}"}}}}', pb.FAILURE_KIND_BAD_CREDENTIALS, "has none at"),
        (200, '{"access_token": ""}', pb.FAILURE_KIND_BAD_CREDENTIALS, "has none at 'access_token'"),
        (200, '{"access_token": "a b"}', pb.FAILURE_KIND_BAD_CREDENTIALS, "does not fit into a header"),
        (200, f"<html>{CANARY}", pb.FAILURE_KIND_BAD_CREDENTIALS, "has none at"),
        (200, "[]", pb.FAILURE_KIND_BAD_CREDENTIALS, "has none at"),
        (429, "", pb.FAILURE_KIND_OVERLOADED, "(HTTP 429)"),
        (503, f"{CANARY}", pb.FAILURE_KIND_OVERLOADED, "(HTTP 503)"),
    ],
)
def test_what_is_no_token_says_why_and_repeats_nothing(
    status: int, body: str, kind: pb.FailureKind.ValueType, detail: str
) -> None:
    with pytest.raises(Failure) as caught:
        grant().granted(status, {"retry-after": "7"}, body.encode())
    assert caught.value.kind == kind
    assert detail in caught.value.detail
    assert "tokens.test" in caught.value.detail
    assert "anary" not in caught.value.detail
    assert caught.value.retry_after == (7 if kind == pb.FAILURE_KIND_OVERLOADED else None)


def test_it_does_not_print_its_secret() -> None:
    assert "anary" not in repr(grant())


def test_what_nobody_may_see_of_a_request_is_told() -> None:
    basic = grant(client_in="basic").request().headers["authorization"].removeprefix("Basic ")
    assert set(grant().secrets) == {CANARY, basic}
