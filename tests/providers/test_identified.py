"""The leaf and who it says that it is, over real sockets."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.permit import Allowance, Allowances
from service.chat.reply import Ending
from service.policies.keys import KeyRing
from service.providers.auth import Credentials, Grant, Key, Keys, OAuth, Tokens
from service.providers.auth.grant import Granted
from service.providers.http import Connecting, Http
from service.providers.openai import OpenAI
from service.providers.provider import Address, Provider
from tests.kit.replay import Replayed, replaying
from tests.kit.replies import failure_of, kinds_of, text_of
from tests.providers.auth.scripted import Ear, TokenServer

ACall = Callable[..., Call]
Clock = Callable[[], float]
WHOLE = b'{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}'
FIRST, SECOND = "Canary7Key7First", "Canary7Key7Second"


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Real time: the sockets are real."""
    return "asyncio", {"use_uvloop": True}


@asynccontextmanager
async def asking(replayed: Replayed, credentials: Credentials, **address: Any) -> AsyncIterator[Provider]:
    async with replaying(replayed) as url, Http(Connecting(ssl.create_default_context())) as http:
        where = Address(base_url=url, **address)
        yield Provider(where, OpenAI(), http, lambda call: {}, credentials=credentials)


def keys(now: Clock, *texts: str, auth: str = "bearer") -> tuple[Keys, Ear]:
    ear = Ear()
    named = [Key(str(position), text) for position, text in enumerate(texts, 1)]
    return Keys(named, auth, KeyRing([1] * len(texts), now), ear), ear


def oauth(now: Clock, *takes: Granted) -> OAuth:
    grant = Grant(url="https://tokens.test", client_id="me", client_secret="Canary7Secret")
    server = TokenServer(*takes, seconds=0.0)
    tokens = Tokens(server, host="tokens.test", timeout=1.0, now=now, random=lambda: 0.0, told=Ear())
    return OAuth(tokens, "bearer", grant.secrets)


async def test_keys_take_turns_in_the_header_that_is_named(a_call: ACall, now: Clock) -> None:
    replayed = Replayed(body=WHOLE)
    async with asking(replayed, keys(now, FIRST, SECOND, auth="x-api-key")[0]) as provider:
        for _ in range(2):
            assert await text_of(await provider(a_call())) == "hi"
    assert f"x-api-key: {FIRST}\r\n" in replayed.heads[0]
    assert f"x-api-key: {SECOND}\r\n" in replayed.heads[1]


async def test_a_refused_key_is_told_once_and_the_failure_says_that_there_is_another(a_call: ACall, now: Clock) -> None:
    known, ear = keys(now, FIRST, SECOND)
    async with asking(Replayed(status=401, body=b"{}"), known) as provider:
        assert (await failure_of(provider(a_call()))).another_key
        assert not (await failure_of(provider(a_call()))).another_key
        await failure_of(provider(a_call()))
    told = "set aside for m1: BAD_CREDENTIALS, 600 s"
    assert ear == [f"1 {told}", f"2 {told}"]


async def test_a_limited_key_is_told_to_nobody_but_the_retry(a_call: ACall, now: Clock) -> None:
    known, ear = keys(now, FIRST, SECOND)
    limited = Replayed(status=429, headers={"retry-after": "30"}, body=b"{}")
    async with asking(limited, known) as provider:
        assert (await failure_of(provider(a_call()))).another_key
        assert not (await failure_of(provider(a_call()))).another_key
    assert ear == []


async def test_what_is_no_fault_of_the_key_leaves_it_in_its_place(a_call: ACall, now: Clock) -> None:
    known, _ = keys(now, FIRST, SECOND)
    replayed = Replayed(status=503, body=b"{}")
    async with asking(replayed, known) as provider:
        for _ in range(4):
            assert not (await failure_of(provider(a_call()))).another_key
    assert [FIRST in head for head in replayed.heads] == [True, False, True, False]


async def test_a_stream_that_breaks_for_its_key_counts_against_the_key(a_call: ACall, now: Clock) -> None:
    error = b'data: {"error":{"code":"insufficient_quota","message":"used up"}}\n\n'
    known, ear = keys(now, FIRST, SECOND)
    async with asking(Replayed(body=error), known) as provider:
        failure = await failure_of(kinds_of(await provider(a_call(streamed=True))))
    assert (failure.kind, failure.another_key) == (pb.FAILURE_KIND_QUOTA_EXHAUSTED, True)
    assert ear == ["1 set aside for m1: QUOTA_EXHAUSTED, 600 s"]


@pytest.mark.parametrize("streamed", [False, True])
async def test_no_key_of_several_is_in_a_failure_whichever_is_repeated(
    streamed: bool, a_call: ACall, now: Clock
) -> None:
    body = f'{{"error":{{"message":"neither {FIRST} nor {SECOND}"}}}}'.encode()
    headers = {"x-request-id": f"{FIRST}-{SECOND}"}
    async with asking(Replayed(status=400, headers=headers, body=body), keys(now, FIRST, SECOND)[0]) as provider:
        failure = await failure_of(provider(a_call(streamed=streamed)))
    assert "anary" not in f"{failure!r} {failure.provider_request_id}"


async def test_a_token_is_used_until_it_is_refused_and_none_of_them_is_repeated(a_call: ACall, now: Clock) -> None:
    texts = ["Topaz7One7Canary", "Beryl7Two7Canary", "Coral7Three7Canary"]
    echo = f'{{"error":{{"message":"{" ".join(texts)} Canary7Secret","code":"x"}}}}'.encode()
    refusing = Replayed(status=400, body=echo)
    who = oauth(now, *(Granted(text, 3600) for text in texts[:2]))
    async with asking(refusing, who) as provider:
        assert texts[0] not in (await failure_of(provider(a_call()))).detail
        refusing.status, refusing.body = 401, b"{}"
        assert (await failure_of(provider(a_call()))).another_key
        refusing.status, refusing.body = 400, echo
        failure = await failure_of(provider(a_call()))
        assert failure.detail.startswith("*** *** ")
        assert "Canary7Secret" not in failure.detail
    carried = [line for head in refusing.heads for line in head.splitlines() if line.startswith("authorization")]
    assert carried == [f"authorization: Bearer {text}" for text in (texts[0], texts[0], texts[1])]


async def test_a_limit_does_not_drop_a_token(a_call: ACall, now: Clock) -> None:
    async with asking(Replayed(status=429, body=b"{}"), oauth(now, Granted("Canary7Token7One", 3600))) as provider:
        for _ in range(2):
            assert not (await failure_of(provider(a_call()))).another_key


async def test_a_query_ends_every_url(a_call: ACall, now: Clock) -> None:
    replayed = Replayed(body=WHOLE)
    async with asking(replayed, keys(now, FIRST)[0], query="api-version=2024-10-21") as provider:
        await text_of(await provider(a_call()))
    assert replayed.heads[0].startswith("POST /v1/chat/completions?api-version=2024-10-21 HTTP/1.1\r\n")


@dataclass
class Permit:
    """For one key; notes what it hears."""

    key: int
    said: list[Allowances] = field(default_factory=list)

    def heard(self, said: Allowances) -> None:
        self.said.append(said)

    def ended(self, ending: Ending) -> None:
        raise AssertionError("whoever has the call's books open says that")


async def test_the_key_that_the_permit_is_for_goes_along(a_call: ACall, now: Clock) -> None:
    replayed = Replayed(body=WHOLE)
    async with asking(replayed, keys(now, FIRST, SECOND)[0]) as provider:
        for key in (1, 1, 0):
            assert await text_of(await provider(a_call(permit=Permit(key)))) == "hi"
    assert [FIRST in head for head in replayed.heads] == [False, False, True]


async def test_a_key_of_a_permit_that_is_refused_is_set_aside_too(a_call: ACall, now: Clock) -> None:
    known, ear = keys(now, FIRST, SECOND)
    async with asking(Replayed(status=401, body=b"{}"), known) as provider:
        assert (await failure_of(provider(a_call(permit=Permit(1))))).another_key
    assert ear == ["2 set aside for m1: BAD_CREDENTIALS, 600 s"]


@pytest.mark.parametrize("status", [200, 429])
async def test_the_permit_hears_what_the_provider_says_of_its_limits(status: int, a_call: ACall, now: Clock) -> None:
    names = ("limit", "remaining", "reset")
    headers = {f"x-ratelimit-{name}-requests": said for name, said in zip(names, ("60", "0", "6s"), strict=True)}
    permit = Permit(0)
    async with asking(Replayed(status=status, headers=headers, body=WHOLE), keys(now, FIRST)[0]) as provider:
        with suppress(Failure):
            await text_of(await provider(a_call(permit=permit)))
    assert permit.said == [Allowances(requests=Allowance(60, 0, 6))]


async def test_the_permit_hears_nothing_if_nothing_is_said(a_call: ACall, now: Clock) -> None:
    permit = Permit(0)
    async with asking(Replayed(body=WHOLE), keys(now, FIRST)[0]) as provider:
        await text_of(await provider(a_call(permit=permit)))
    assert permit.said == []
