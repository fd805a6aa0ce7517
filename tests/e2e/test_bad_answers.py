"""What a provider may do to us, and what the caller is told: never an empty success (M18), never a hang."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from mainstay import ChatClient, MainstayError
from mainstay import v1 as pb
from tests.kit.service import client_of
from tests.kit.spans import SpanBook

Opened = Callable[..., AbstractAsyncContextManager[ChatClient]]


@pytest.fixture
def opened(simulator: str, spans: SpanBook) -> Opened:
    @asynccontextmanager
    async def open_client(**provider: object) -> AsyncIterator[ChatClient]:
        async with client_of(simulator, spans.tracer, **provider) as client:
            yield client

    return open_client


@pytest.fixture
async def client(opened: Opened) -> AsyncIterator[ChatClient]:
    async with opened() as client:
        yield client


async def failure_of(client: ChatClient, faults: str, streamed: bool) -> MainstayError:
    with pytest.raises(MainstayError) as caught:
        await answer_of(client, faults, streamed)
    return caught.value


async def answer_of(client: ChatClient, faults: str, streamed: bool) -> pb.ChatResponse:
    model = f"simulator/chat{faults}"
    once = pb.CallPolicy(max_attempts=1)
    if not streamed:
        return await client.chat("hello", model=model, policy=once)
    async with client.stream("hello", model=model, policy=once) as stream:
        async for _ in stream:
            pass
    return stream.response


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "stream"])
@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        ("+error200", pb.FAILURE_KIND_OVERLOADED),
        ("+html200", pb.FAILURE_KIND_MALFORMED),
        ("+empty200", pb.FAILURE_KIND_EMPTY),
        ("+status(429,retry-after=2)", pb.FAILURE_KIND_RATE_LIMITED),
        ("+status(500)", pb.FAILURE_KIND_OVERLOADED),
        ("+status(503)", pb.FAILURE_KIND_OVERLOADED),
        ("+status(401)", pb.FAILURE_KIND_BAD_CREDENTIALS),
        ("+status(404)", pb.FAILURE_KIND_MODEL_NOT_FOUND),
        ("+status(429,code=insufficient_quota)", pb.FAILURE_KIND_QUOTA_EXHAUSTED),
        ("+status(400,code=context_length_exceeded)", pb.FAILURE_KIND_CONTEXT_TOO_LONG),
        ("+status(400,code=content_filter)", pb.FAILURE_KIND_CONTENT_FILTERED),
        ("+reset", pb.FAILURE_KIND_UNREACHABLE),
        ("+cut(3)", pb.FAILURE_KIND_CUT_OFF),
        ("+reset(3)", pb.FAILURE_KIND_CUT_OFF),
    ],
)
async def test_a_provider_that_fails_is_told_by_kind_with_its_attempt(
    client: ChatClient, faults: str, kind: pb.FailureKind.ValueType, streamed: bool
) -> None:
    error = await failure_of(client, faults, streamed)
    assert error.call_failure is not None
    assert pb.FailureKind.Name(error.call_failure.kind) == pb.FailureKind.Name(kind)
    assert f"FAILURE_KIND_{error.reason}" == pb.FailureKind.Name(kind)
    (attempt,) = error.call_failure.provenance.attempts
    assert (attempt.outcome, attempt.failure) == (pb.ATTEMPT_OUTCOME_FAILED, kind)
    assert len(error.trace_id) == 32


async def test_a_rate_limit_tells_when_to_come_back(client: ChatClient) -> None:
    assert (await failure_of(client, "+status(429,retry-after=2)", False)).retry_after == 2


async def test_a_stream_that_falls_silent_has_stalled(opened: Opened) -> None:
    async with opened(stall_timeout="200ms") as client:
        error = await failure_of(client, "+stall(3,30)", True)
    assert error.reason == "STALLED"


async def test_the_caller_may_have_less_patience_than_the_provider_is_given(client: ChatClient) -> None:
    policy = pb.CallPolicy(max_attempts=1)
    policy.stall_timeout.FromMilliseconds(200)
    with pytest.raises(MainstayError) as caught:
        async with client.stream("hello", model="simulator/chat+stall(3,30)", policy=policy) as stream:
            async for _ in stream:
                pass
    assert caught.value.reason == "STALLED"


@pytest.mark.parametrize("faults", ["+nodone", "+hold", "+malformed(3)"])
async def test_small_flaws_of_a_stream_do_not_harm_the_answer(client: ChatClient, faults: str) -> None:
    flawed = await answer_of(client, faults, True)
    assert flawed.message == (await answer_of(client, "", True)).message


async def test_a_malformed_chunk_is_counted_in_its_attempt(client: ChatClient) -> None:
    response = await answer_of(client, "+malformed(3)", True)
    assert response.provenance.attempts[0].detail == "1 malformed chunk was skipped"


async def test_an_unreachable_provider_is_told(opened: Opened, spans: SpanBook) -> None:
    async with client_of("http://127.0.0.1:9/v1", spans.tracer) as client:
        error = await failure_of(client, "", False)
    assert error.reason == "UNREACHABLE"
    assert "no answer from 127.0.0.1: connection refused" in str(error)


async def test_an_unknown_route_is_not_found_and_the_near_one_named(client: ChatClient) -> None:
    with pytest.raises(MainstayError, match="did you mean 'default'") as caught:
        await client.chat("hello", model="defualt")
    assert (caught.value.code.name, caught.value.reason) == ("NOT_FOUND", "MODEL_NOT_FOUND")


async def test_what_cannot_be_said_yet_is_refused_and_named(client: ChatClient) -> None:
    image = pb.Part(image=pb.Media(provider_file_id="file-1"))
    with pytest.raises(MainstayError, match="image") as caught:
        await client.chat([pb.Message(role=pb.ROLE_USER, parts=[image])])
    assert (caught.value.code.name, caught.value.reason) == ("FAILED_PRECONDITION", "UNSUPPORTED")
