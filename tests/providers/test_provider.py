"""The leaf over real sockets: what it asks, what it bounds, and what it leaves behind."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.target import Candidate, Target
from service.providers.http import MOST_BYTES, Connecting, Http
from service.providers.openai import OpenAI
from service.providers.provider import Address, Provider
from tests.kit.replay import Replayed, replaying
from tests.kit.replies import failure_of, kinds_of, text_of

ACall = Callable[..., Call]
WHOLE = b'{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]}'
STREAM = (
    b'data: {"choices":[{"delta":{"content":"hi"}}]}\n\n'
    b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'
)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Real time: the sockets are real."""
    return "asyncio", {"use_uvloop": True}


@asynccontextmanager
async def asking(replayed: Replayed, **address: Any) -> AsyncIterator[Provider]:
    async with replaying(replayed) as url, Http(Connecting(ssl.create_default_context())) as http:
        yield Provider(Address(base_url=url, **address), OpenAI(), http, lambda call: {"traceparent": "00-a-b-01"})


async def ask_and_read(provider: Provider, call: Call) -> list[str]:
    return await kinds_of(await provider(call))


async def test_the_provider_streams_for_a_unary_call_where_the_route_says_so(a_call: ACall) -> None:
    replayed = Replayed(body=STREAM)
    async with asking(replayed) as provider:
        assert await text_of(await provider(a_call(conditions=Conditions(upstream_stream=True)))) == "hi"
    assert b'"stream":true' in replayed.requests[0]


@pytest.mark.parametrize(("streamed", "body"), [(False, WHOLE), (True, STREAM)])
async def test_the_provider_streams_if_the_caller_does(streamed: bool, body: bytes, a_call: ACall) -> None:
    replayed = Replayed(body=body)
    async with asking(replayed) as provider:
        assert await text_of(await provider(a_call(streamed=streamed))) == "hi"
    assert (b'"stream":true' in replayed.requests[0]) == streamed


async def test_the_credential_and_the_trace_travel_in_headers(a_call: ACall) -> None:
    replayed = Replayed(body=WHOLE)
    async with asking(replayed, headers={"authorization": "Bearer sk-1"}) as provider:
        await ask_and_read(provider, a_call())
    head = replayed.heads[0].lower()
    assert "authorization: bearer sk-1\r\n" in head
    assert "traceparent: 00-a-b-01\r\n" in head
    assert "content-type: application/json\r\n" in head
    assert "sk-1" not in head.partition("\r\n")[0]


@pytest.mark.parametrize(("streamed", "body"), [(False, WHOLE), (True, STREAM)])
async def test_a_connection_is_used_again(streamed: bool, body: bytes, a_call: ACall) -> None:
    replayed = Replayed(body=body)
    async with asking(replayed) as provider:
        for _ in range(3):
            await ask_and_read(provider, a_call(streamed=streamed))
    assert replayed.connections == 1


async def test_a_redirect_is_not_followed(a_call: ACall) -> None:
    replayed = Replayed(status=302, headers={"location": "http://127.0.0.1:1/elsewhere"})
    async with asking(replayed) as provider:
        failure = await failure_of(provider(a_call()))
    assert len(replayed.requests) == 1
    assert "302" in failure.detail


@pytest.mark.parametrize("streamed", [False, True])
async def test_an_answer_larger_than_the_cap_is_malformed(streamed: bool, a_call: ACall) -> None:
    mebibyte = (b": " + b"x" * 1020 + b"\n\n") * 1024

    def endless(body: bytes) -> Iterator[bytes]:
        yield STREAM.partition(b"\n\n")[0] + b"\n\n"
        for _ in range((MOST_BYTES >> 20) + 8):
            yield mebibyte

    async with asking(Replayed(pieces=endless)) as provider:
        failure = await failure_of(ask_and_read(provider, a_call(streamed=streamed)))
    assert failure.kind == pb.FAILURE_KIND_MALFORMED
    assert "64 MiB" in failure.detail


async def test_an_encoding_that_was_not_asked_for_is_malformed(a_call: ACall) -> None:
    async with asking(Replayed(headers={"content-encoding": "br"}, body=b"\x0b")) as provider:
        assert (await failure_of(provider(a_call()))).kind == pb.FAILURE_KIND_MALFORMED


async def test_an_error_whose_body_never_ends_is_told_by_its_status(
    a_call: ACall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.providers.http.answer.ERROR_SECONDS", 0.1)
    async with asking(Replayed(status=503, body=b"{", ends=False)) as provider:
        assert (await failure_of(provider(a_call()))).kind == pb.FAILURE_KIND_OVERLOADED


async def test_comments_are_liveness_and_silence_is_a_stall(a_call: ACall) -> None:
    pinging = Replayed(pieces=lambda body: [*[b": ping\n\n"] * 5, STREAM], pause=0.1)
    async with asking(pinging) as provider:
        assert await text_of(await provider(a_call(streamed=True, clocks=Clocks(stall=0.25)))) == "hi"
    silent = Replayed(pieces=lambda body: [b": ping\n\n", STREAM], pause=5)
    async with asking(silent) as provider:
        failure = await failure_of(ask_and_read(provider, a_call(streamed=True, clocks=Clocks(stall=0.1))))
    assert failure.kind == pb.FAILURE_KIND_STALLED


async def test_a_stream_given_up_closes_the_connection(a_call: ACall) -> None:
    replayed = Replayed(pieces=lambda body: [STREAM[:50]], ends=False)
    async with asking(replayed) as provider:
        reply = await provider(a_call(streamed=True))
        await anext(reply)
        await anext(reply)
        await reply.aclose()
        async with asyncio.timeout(0.1):
            await replayed.left.wait()


async def test_the_providers_name_of_the_request_is_noted_in_the_attempt(a_call: ACall) -> None:
    attempt = pb.Attempt()
    async with asking(Replayed(headers={"x-request-id": "req_1"}, body=WHOLE)) as provider:
        await ask_and_read(provider, a_call(attempt=attempt))
    assert attempt.provider_request_id == "req_1"


async def test_a_provider_that_hangs_up_before_it_answers_was_unreachable(a_call: ACall) -> None:
    async with asking(Replayed(status=0)) as provider:
        failure = await failure_of(provider(a_call()))
    assert failure.kind == pb.FAILURE_KIND_UNREACHABLE


KEY = "0badcafe-4b1d-4c0f-9e1d-canary"
ECHOES = [
    Replayed(status=400, body=b'{"error":{"message":"you sent 0badcafe-4b1d-4c0f-9e1d-canary"}}'),
    Replayed(body=b'data: {"error":{"message":"you sent 0badcafe-4b1d-4c0f-9e1d-canary"}}\n\n'),
    Replayed(headers={"content-encoding": "0badcafe-4b1d-4c0f-9e1d-canary"}),
    Replayed(headers={"x-bad\x01": "0badcafe-4b1d-4c0f-9e1d-canary"}),
    Replayed(status=429, headers={"x-request-id": "0badcafe-4b1d-4c0f-9e1d-canary"}, body=b"{}"),
]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("echo", ECHOES)
async def test_a_credential_that_the_provider_repeats_is_in_no_failure(
    echo: Replayed, streamed: bool, a_call: ACall
) -> None:
    attempt = pb.Attempt()
    async with asking(echo, secrets=[KEY]) as provider:
        failure = await failure_of(ask_and_read(provider, a_call(streamed=streamed, attempt=attempt)))
    assert KEY[:12] not in f"{failure!r} {failure.provider_request_id} {attempt}"


async def test_a_credential_that_the_provider_repeats_is_not_in_the_finish_reason(a_call: ACall) -> None:
    body = WHOLE.replace(b'"stop"', b'"0badcafe-4b1d-4c0f-9e1d-canary"')
    async with asking(Replayed(body=body), secrets=[KEY]) as provider:
        events = [event async for event in await provider(a_call())]
    assert events[-1].completed.provider_finish_reason == "***"


@pytest.mark.parametrize("last", [b"", b": ping\n\n" * 3], ids=["silence", "pings"])
async def test_after_the_finish_reason_a_connection_that_is_held_open_ends_the_answer(
    last: bytes, a_call: ACall, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.providers.streamed.HELD_OPEN_SECONDS", 0.2)
    head = STREAM.removesuffix(b"data: [DONE]\n\n")
    pings = Replayed(pieces=lambda body: [head, *[b": ping\n\n"] * (99 if last else 0)], pause=0.1, ends=False)
    async with asking(pings) as provider, asyncio.timeout(2):
        assert await text_of(await provider(a_call(streamed=True))) == "hi"


async def test_a_connection_that_breaks_after_the_finish_reason_breaks_nothing(a_call: ACall) -> None:
    torn = Replayed(body=STREAM.removesuffix(b"data: [DONE]\n\n"), tears=True)
    async with asking(torn) as provider:
        assert await text_of(await provider(a_call(streamed=True))) == "hi"


async def test_only_as_much_of_an_error_is_read_as_tells_what_it_is(a_call: ACall) -> None:
    sent = 0

    def endless(body: bytes) -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 1024
            yield b"x" * 1024

    async with asking(Replayed(status=500, pieces=endless)) as provider:
        assert (await failure_of(provider(a_call()))).kind == pb.FAILURE_KIND_OVERLOADED
    assert sent < 8 * 1024 * 1024


async def test_an_answer_of_another_than_the_first_choice_says_so_to_people(a_call: ACall) -> None:
    first, second = Target("a", "m"), Target("b", "m")
    candidates = [Candidate(target=first), Candidate(target=second)]
    notices = []
    async with asking(Replayed(body=WHOLE)) as provider:
        for target in (first, second):
            reply = await provider(a_call(candidates=candidates, target=target))
            notices += [event.started.notice async for event in reply if event.HasField("started")]
    assert notices == ["", "from another model: the first choice could not answer"]
