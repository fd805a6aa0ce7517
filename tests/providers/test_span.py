"""The span of each HTTP request, over real sockets."""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from service.chat.call import Call
from service.providers.http import Connecting, Http
from service.providers.openai import OpenAI
from service.providers.provider import Address, Provider
from service.telemetry.traces import w3c
from tests.kit.process import free_port
from tests.kit.replay import Replayed, replaying
from tests.kit.replies import failure_of, kinds_of
from tests.kit.spans import SpanBook

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
async def provider(url: str, spans: SpanBook, **headers: str) -> AsyncIterator[Provider]:
    async with Http(Connecting(ssl.create_default_context())) as http:
        address = Address(base_url=url, headers=headers)
        yield Provider(address, OpenAI(), http, lambda call: w3c.inject(call.span), spans.tracer)


def about(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


@pytest.mark.parametrize(("streamed", "body"), [(False, WHOLE), (True, STREAM)])
async def test_it_lasts_to_the_end_of_the_body_and_is_what_the_provider_joins(
    streamed: bool, body: bytes, a_call: ACall, spans: SpanBook
) -> None:
    replayed = Replayed(body=body)
    async with replaying(replayed) as url, provider(url, spans) as asked:
        reply = await asked(a_call(streamed=streamed))
        assert spans.open == int(streamed)
        await kinds_of(reply)
    span = spans.named("POST")
    host, port = url.removeprefix("http://").removesuffix("/v1").split(":")
    assert (span.kind, span.status.status_code) == (SpanKind.CLIENT, StatusCode.UNSET)
    assert span.parent == spans.root.get_span_context()
    assert about(span) == {
        "http.request.method": "POST",
        "url.full": f"{url}/chat/completions",
        "server.address": host,
        "server.port": int(port),
        "http.response.status_code": 200,
    }
    assert span.context is not None
    assert f"traceparent: 00-{span.context.trace_id:032x}-{span.context.span_id:016x}-01\r\n" in replayed.heads[0]
    assert "x-request-id: call_1\r\n" in replayed.heads[0]


async def test_an_error_status_is_told_as_such(a_call: ACall, spans: SpanBook) -> None:
    async with replaying(Replayed(status=429, body=b"{}")) as url, provider(url, spans) as asked:
        await failure_of(asked(a_call()))
    span = spans.named("POST")
    assert (about(span)["http.response.status_code"], about(span)["error.type"]) == (429, "429")
    assert span.status.status_code is StatusCode.ERROR


async def test_nobody_there_is_an_error_without_a_status(a_call: ACall, spans: SpanBook) -> None:
    async with provider(f"http://127.0.0.1:{free_port()}/v1", spans) as asked:
        await failure_of(asked(a_call()))
    assert about(spans.named("POST")).get("http.response.status_code") is None
    assert about(spans.named("POST"))["error.type"] == "UNREACHABLE"


async def test_a_stream_that_breaks_is_an_error_after_a_good_status(a_call: ACall, spans: SpanBook) -> None:
    replayed = Replayed(body=STREAM[:40], tears=True)
    async with replaying(replayed) as url, provider(url, spans) as asked:
        await failure_of(kinds_of(await asked(a_call(streamed=True))))
    span = about(spans.named("POST"))
    assert (span["http.response.status_code"], span["error.type"]) == (200, "CUT_OFF")


async def test_a_stream_that_is_given_up_ends_its_span_and_is_no_error(a_call: ACall, spans: SpanBook) -> None:
    async with replaying(Replayed(body=STREAM, ends=False)) as url, provider(url, spans) as asked:
        reply = await asked(a_call(streamed=True))
        await reply.aclose()
    assert spans.named("POST").status.status_code is StatusCode.UNSET


async def test_user_and_query_are_not_told(a_call: ACall, spans: SpanBook) -> None:
    async with replaying(Replayed(body=WHOLE)) as url:
        host = url.removeprefix("http://")
        async with provider(f"http://canary:canary@{host}?key=canary#", spans) as asked:
            await kinds_of(await asked(a_call()))
    assert "canary" not in str(about(spans.named("POST")))


async def test_an_operators_own_request_id_goes_before_ours(a_call: ACall, spans: SpanBook) -> None:
    replayed = Replayed(body=WHOLE)
    async with replaying(replayed) as url, provider(url, spans, **{"X-Request-ID": "theirs"}) as asked:
        await kinds_of(await asked(a_call()))
    head = replayed.heads[0].lower()
    assert head.count("x-request-id") == 1
    assert "x-request-id: theirs" in head
