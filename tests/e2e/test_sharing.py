"""What callers see of shared requests, of a cache that alone may answer, and of answers past their time."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from mainstay import ChatClient, NotFound, Reason
from mainstay import v1 as pb
from tests.kit.service import Control, client_of
from tests.kit.written import written

USE = pb.CallPolicy(cache=pb.CACHE_MODE_USE)
ANY_AGE = pb.CallPolicy(cache=pb.CACHE_MODE_USE, allow_stale=True, cache_max_age=Duration(nanos=1_000_000))
SLOW = "simulator/chat+slow(0.3)"
PRICES = {"input": "2", "output": "10"}


@pytest.fixture
async def client(simulator: str) -> AsyncIterator[ChatClient]:
    async with client_of(simulator, prices=PRICES) as client:
        yield client


async def streamed(client: ChatClient, policy: pb.CallPolicy) -> list[pb.ChatEvent]:
    async with client.stream("hello", model=SLOW, policy=policy) as stream:
        return [event async for event in stream]


async def test_equal_calls_share_a_request_which_the_first_one_pays(client: ChatClient, simulator: str) -> None:
    with written() as lines:
        asked = [client.chat("hello", model=SLOW, policy=USE) for _ in range(5)]
        answers = await asyncio.gather(*asked)
    assert len((await Control(simulator).seen())["requests"]) == 1
    assert len({answer.id for answer in answers}) == 5
    (opener,) = [answer for answer in answers if answer.provenance.attempts]
    assert opener.provenance.joined_call_id == ""
    assert opener.provenance.cost_nano_usd > 0
    for answer in answers:
        if answer is not opener:
            assert (answer.message, answer.usage, answer.source) == (opener.message, opener.usage, opener.source)
            provenance = answer.provenance
            assert (provenance.joined_call_id, provenance.cost_nano_usd) == (opener.id, 0)
            assert (provenance.provider, provenance.model) == (opener.provenance.provider, opener.provenance.model)
    told = {line["call_id"]: line.get("joined_call_id") for line in lines.of("call")}
    assert told == {answer.id: None if answer is opener else opener.id for answer in answers}


async def test_streams_that_share_a_request_have_a_sequence_and_a_name_each(client: ChatClient, simulator: str) -> None:
    streams = await asyncio.gather(*(streamed(client, USE) for _ in range(3)))
    assert len((await Control(simulator).seen())["requests"]) == 1
    for events in streams:
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert events[0].started.id == events[-1].completed.id
    assert len({events[0].started.id for events in streams}) == 3
    deltas = [[event.text_delta.text for event in events] for events in streams]
    assert deltas == [deltas[0]] * 3


async def test_calls_that_share_a_failure_name_the_call_that_has_the_attempts(client: ChatClient) -> None:
    async def failure() -> pb.CallFailure:
        with pytest.raises(Exception, match="OVERLOADED") as caught:
            await client.chat("hello", model="simulator/chat+slow(0.3)+status(503)", policy=USE)
        found: pb.CallFailure = caught.value.call_failure  # type: ignore[attr-defined]
        return found

    failures = await asyncio.gather(*(failure() for _ in range(3)))
    hosts = [one for one in failures if one.provenance.attempts]
    assert len(hosts) == 1
    others = [one.provenance for one in failures if one is not hosts[0]]
    assert len({provenance.joined_call_id for provenance in others}) == 1
    assert all(provenance.joined_call_id and provenance.cost_nano_usd == 0 for provenance in others)


async def test_what_is_not_in_the_cache_is_not_found_and_nobody_is_asked(client: ChatClient, simulator: str) -> None:
    with pytest.raises(NotFound) as caught:
        await client.chat("hello", policy=pb.CallPolicy(cache=pb.CACHE_MODE_ONLY))
    assert (caught.value.code, caught.value.reason) == (grpc.StatusCode.NOT_FOUND, Reason.NOT_CACHED)
    assert caught.value.call_failure is not None
    assert caught.value.call_failure.kind == pb.FAILURE_KIND_NOT_CACHED
    assert (await Control(simulator).seen())["requests"] == []


@pytest.mark.parametrize("as_stream", [False, True], ids=["unary", "stream"])
async def test_an_old_answer_stands_in_with_the_attempts_that_failed(
    as_stream: bool, client: ChatClient, simulator: str
) -> None:
    first = await client.chat("hello", policy=USE)
    await Control(simulator).fail("status(503)")
    if as_stream:
        async with client.stream("hello", policy=ANY_AGE) as stream:
            told = [event async for event in stream]
        assert told[0].started.source == pb.SOURCE_STALE_CACHE
        stale = stream.response
    else:
        stale = await client.chat("hello", policy=ANY_AGE)
    assert (stale.source, stale.message) == (pb.SOURCE_STALE_CACHE, first.message)
    assert "no model could answer just now" in stale.notice
    assert stale.provenance.HasField("cached_at")
    assert [row.failure for row in stale.provenance.attempts] == [pb.FAILURE_KIND_OVERLOADED] * 3
