"""Who we are to a provider: keys, a client, and what is said when something is missing."""

import pytest

from service.config import Settings, describe, keys_of
from tests.config.conftest import Folder

ROW = "protocol: openai, base_url: 'http://p'"
OAUTH = "token_url: 'https://tokens.test/oauth/token', client_id: '${ID:-}', client_secret: '${SECRET:-}'"


def described(settings: Settings, name: str) -> str:
    lines = describe(settings, lambda target: "").splitlines()
    return next(line for line in lines if line.startswith(f"  {name}/"))


def provider(folder: Folder, written: str, **variables: str) -> Settings:
    folder.write(f"providers: {{p: {{{ROW}, {written}}}}}\n")
    return folder.load(variables)


def test_several_keys_stand_beside_the_one(folder: Folder) -> None:
    settings = provider(folder, "api_key: a, api_keys: [b, {key: c, weight: 3, name: last}]")
    keys = list(keys_of(settings.providers["p"]))
    assert [(known.name, known.key and known.key.reveal(), known.weight) for known in keys] == [
        ("api_key", "a", 1),
        ("1", "b", 1),
        ("last", "c", 3),
    ]
    assert described(settings, "p").endswith("usable, keys api_key ***, 1 ***, last ***")


def test_a_key_that_is_not_there_is_told_with_its_variable_and_the_others_do(folder: Folder) -> None:
    settings = provider(folder, "api_keys: ['${ONE:-}', {key: '${TWO:-}', name: second}]", ONE="k")
    assert settings.why_unusable("p") is None
    assert described(settings, "p").endswith("usable, keys 1 ***; no key second: set TWO")


def test_without_any_key_the_first_variable_is_named(folder: Folder) -> None:
    assert provider(folder, "api_keys: ['${ONE:-}', '${TWO:-}']").why_unusable("p") == "no key: set ONE"
    assert provider(folder, "api_keys: [{key: '${ONE:-}'}]").why_unusable("p") == "no key: set ONE"
    assert provider(folder, "api_keys: ['']").why_unusable("p") == "no key: set providers.p.api_keys.0.key"


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({}, "no client id: set ID"),
        ({"ID": "me"}, "no client secret: set SECRET"),
        ({"ID": "me", "SECRET": "s"}, None),
    ],
)
def test_a_client_needs_a_name_and_a_secret(folder: Folder, variables: dict[str, str], why: str | None) -> None:
    settings = provider(folder, f"oauth: {{{OAUTH}}}", **variables)
    assert settings.why_unusable("p") == why
    assert described(settings, "p").endswith(why or "usable, tokens from tokens.test")


def test_tokens_and_keys_travel_in_the_header_that_is_named(folder: Folder) -> None:
    assert provider(folder, "auth: X-Gateway-Token, api_key: k").providers["p"].auth == "x-gateway-token"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("auth: none, api_keys: [k]", "p.api_keys: is never sent, because auth is none"),
        (f"auth: none, oauth: {{{OAUTH}}}", "p.oauth: is never sent, because auth is none"),
        (f"api_key: k, oauth: {{{OAUTH}}}", "p.api_key: is never sent, because there is oauth"),
        (f"api_keys: [k], oauth: {{{OAUTH}}}", "p.api_keys: is never sent, because there is oauth"),
        ("api_keys: [{key: a, name: x}, {key: b, name: x}]", "p.api_keys.1.name: is the name of another key, too"),
        ("api_keys: [{key: a, weight: 0}]", "p.api_keys.0.weight: must be at least 1 (got '0')"),
        ("api_keys: [{key: a, wieght: 2}]", "p.api_keys.0.wieght: unknown key; did you mean 'weight'?"),
        ("api_keys: [{name: x}]", "p.api_keys.0.key: is required"),
        ("api_keys: ['a b']", "p.api_keys.0.key: must be printable ASCII without spaces: it travels in a header"),
        ("oauth: x", "p.oauth: must be a mapping"),
        ("oauth: {client_id: x}", "p.oauth.token_url: is required"),
        ("oauth: {token_url: 'http://tokens.test', client_id: x}", "p.oauth.token_url: must start with https://"),
        ("oauth: {token_url: 'https://u:p@t', client_id: x}", "p.oauth.token_url: must not hold a user name"),
        (f"oauth: {{{OAUTH}, token_path: data..x}}", "p.oauth.token_path: must be names with a dot between"),
        (f"oauth: {{{OAUTH}, fields: {{grant_type: x}}}}", "p.oauth.fields: grant_type cannot be set here"),
        (f"oauth: {{{OAUTH}, send_as: xml}}", "p.oauth.send_as: must be 'form', 'json' or 'query' (got 'xml')"),
        (f"oauth: {{{OAUTH}, timeout: 2m}}", "p.oauth.timeout: must be at most 1m (got '2m')"),
    ],
)
def test_what_cannot_be_meant_is_told(folder: Folder, written: str, message: str) -> None:
    folder.write(f"providers: {{p: {{{ROW}, {written}}}}}\n")
    (problem, *_) = folder.problems()
    assert message in problem


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/t", "http://localhost/t", "http://[::1]/t", "HTTPS://tokens.test"])
def test_a_token_server_on_this_machine_needs_no_tls(folder: Folder, url: str) -> None:
    settings = provider(folder, f"oauth: {{token_url: '{url}', client_id: x, client_secret: y}}")
    assert settings.why_unusable("p") is None


def test_no_secret_is_in_a_dump_or_an_error(folder: Folder) -> None:
    written = "api_keys: [canary-one, {key: canary-two}]"
    assert "canary" not in repr(provider(folder, written)) + str(provider(folder, written).model_dump())
    folder.write(f"providers: {{p: {{{ROW}, api_keys: [{{key: [canary]}}, 'canary x'], oauth: canary}}}}")
    assert len(folder.problems()) == 3
    assert "canary" not in str(folder.problems())
