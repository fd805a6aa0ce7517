"""Streams, against a real server: whole, broken, left early."""

import asyncio

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo  # type: ignore[import-untyped, unused-ignore]

import mainstay
from mainstay import ChatClient, IncompleteStream, Reason
from mainstay import v1 as pb
from tests.client.scripted import (
    Context,
    Scripted,
    answer,
    completed,
    drain,
    fails,
    heartbeat,
    numbered,
    reasoning,
    reset,
    started,
    streams,
    streams_and_hangs,
    text,
    then,
)

HELLO = numbered(started(), reasoning("hm"), text("Hello ", part=1), text("world", part=1), completed())


async def test_every_event_is_handed_on_and_folded(server: Scripted, client: ChatClient) -> None:
    sent = numbered(started(), heartbeat(), text("Hello "), pb.ChatEvent(), text("world"), completed())
    server.script = streams(*sent)
    async with client.stream("Hi", model="fast") as stream:
        received = [event async for event in stream]
    assert received == sent
    assert stream.response == answer("Hello world")
    assert server.seen[0].request.model == "fast"
    assert server.seen[0].metadata["mainstay-caller"] == "tests"


async def test_text_is_the_text_alone(server: Scripted, client: ChatClient) -> None:
    server.script = streams(*HELLO)
    async with client.stream("Hi") as stream:
        assert [piece async for piece in stream.text()] == ["Hello ", "world"]
    assert stream.response.message.parts[1].text == "Hello world"


async def test_a_stream_has_600_seconds_unless_told_otherwise(server: Scripted, client: ChatClient) -> None:
    server.script = streams(*HELLO)
    for timeout in (None, 5.0):
        async with client.stream("Hi", timeout=timeout) as stream:
            await drain(stream)
    by_default, told = (seen.seconds_left or 0 for seen in server.seen)
    assert 598 < by_default < 606  # the wire has two or three digits
    assert 3 < told < 5.2


async def test_a_stream_that_ends_without_completed_is_incomplete(server: Scripted, client: ChatClient) -> None:
    server.script = streams(*HELLO[:-1], trailers={"x-request-id": "r-1", "mainstay-trace-id": "4bf9"})
    async with client.stream("Hi") as stream:
        with pytest.raises(IncompleteStream, match="without `completed`") as caught:
            await drain(stream)
    assert (caught.value.request_id, caught.value.trace_id) == ("r-1", "4bf9")


async def test_an_empty_stream_is_incomplete(server: Scripted, client: ChatClient) -> None:
    server.script = streams()
    async with client.stream("Hi") as stream:
        with pytest.raises(IncompleteStream):
            await anext(stream)


async def test_a_stream_that_fails_raises_what_the_server_says(server: Scripted, client: ChatClient) -> None:
    info = ErrorInfo(reason="CUT_OFF", domain="mainstay")
    server.script = then(streams(*HELLO[:3]), fails(grpc.StatusCode.UNAVAILABLE, "acme stopped in the middle", info))
    async with client.stream("Hi") as stream:
        assert [await anext(stream) for _ in range(3)] == HELLO[:3]
        with pytest.raises(mainstay.Unavailable) as caught:
            await anext(stream)
    assert caught.value.reason is Reason.CUT_OFF
    assert len(server.seen) == 1, "a stream is never repeated once an event came"


async def test_a_failed_stream_stays_failed(server: Scripted, client: ChatClient) -> None:
    server.script = streams(*HELLO[:-1])
    async with client.stream("Hi") as stream:
        for _ in range(2):
            with pytest.raises(IncompleteStream):
                await drain(stream)
    with pytest.raises(RuntimeError, match="not complete"):
        _ = stream.response


async def test_a_gap_ends_the_stream_and_cancels_the_call(server: Scripted, client: ChatClient) -> None:
    server.script = streams_and_hangs(*HELLO[:2], HELLO[3])
    async with client.stream("Hi") as stream:
        for _ in range(2):
            with pytest.raises(IncompleteStream, match="event 3 was expected and event 4 came"):
                await drain(stream)
        await asyncio.wait_for(server.cancelled.wait(), 5)


async def test_completed_stands_whatever_the_status_says(server: Scripted, client: ChatClient) -> None:
    server.script = then(streams(*HELLO), fails(grpc.StatusCode.UNAVAILABLE, "drained"))
    async with client.stream("Hi") as stream:
        await drain(stream)
    assert stream.response.id == "call-1"


async def test_whoever_stops_at_completed_cancels_nothing(server: Scripted, client: ChatClient) -> None:
    async def lingers(request: pb.ChatRequest, context: Context) -> None:
        await streams(*HELLO)(request, context)
        await asyncio.sleep(0.1)

    server.script = lingers
    async with client.stream("Hi") as stream:
        async for event in stream:
            if event.HasField("completed"):
                break
    await asyncio.wait_for(server.finished.wait(), 5)
    assert not server.cancelled.is_set()
    assert stream.response.id == "call-1"


async def test_leaving_early_cancels_the_call(server: Scripted, client: ChatClient) -> None:
    server.script = streams_and_hangs(*HELLO[:3])
    async with client.stream("Hi") as stream:
        async for event in stream:
            if event.HasField("text_delta"):
                break
    await asyncio.wait_for(server.cancelled.wait(), 5)


async def test_an_exception_in_the_block_cancels_the_call_and_passes(server: Scripted, client: ChatClient) -> None:
    server.script = streams_and_hangs(*HELLO[:3])

    async def trip() -> None:
        async with client.stream("Hi") as stream:
            async for _ in stream:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await trip()
    await asyncio.wait_for(server.cancelled.wait(), 5)


async def test_a_cancelled_reader_cancels_the_call(server: Scripted, client: ChatClient) -> None:
    server.script = streams_and_hangs(*HELLO[:3])

    async def read() -> None:
        async with client.stream("Hi") as stream:
            await drain(stream)

    task = asyncio.create_task(read())
    await asyncio.wait_for(server.called.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.cancelled.wait(), 5)


async def test_a_time_limit_around_the_reader_is_a_time_limit(server: Scripted, client: ChatClient) -> None:
    server.script = streams_and_hangs(*HELLO[:3])

    async def hurry() -> None:
        async with asyncio.timeout(0.2), client.stream("Hi") as stream:
            await drain(stream)

    with pytest.raises(TimeoutError):
        await hurry()


async def test_closing_the_client_ends_its_streams_and_cancels_no_task(server: Scripted) -> None:
    server.script = streams_and_hangs(*HELLO[:3])
    client = ChatClient(server.target)
    async with client.stream("Hi") as stream:
        await anext(stream)
        await client.close()
        with pytest.raises(mainstay.Cancelled):
            await drain(stream)


async def test_a_stream_can_be_given_up_from_outside(server: Scripted, client: ChatClient) -> None:
    server.script = streams_and_hangs(*HELLO[:3])
    async with client.stream("Hi") as stream:
        reader = asyncio.create_task(drain(stream))
        await asyncio.wait_for(server.called.wait(), 5)
        stream.cancel()
        with pytest.raises(mainstay.Cancelled):
            await reader
    await asyncio.wait_for(server.cancelled.wait(), 5)


async def test_text_does_not_glue_two_answers_together(server: Scripted, client: ChatClient) -> None:
    server.script = streams(*numbered(text("wrong"), reset(pb.RESET_MODE_DISCARD), text("right"), completed()))
    async with client.stream("Hi") as stream:
        with pytest.raises(IncompleteStream, match="began anew"):
            async for _ in stream.text():
                pass


async def test_text_survives_a_discard_of_what_nobody_saw(server: Scripted, client: ChatClient) -> None:
    server.script = streams(*numbered(reasoning("hm"), reset(pb.RESET_MODE_DISCARD), text("right"), completed()))
    async with client.stream("Hi") as stream:
        assert [piece async for piece in stream.text()] == ["right"]


async def test_a_broken_stream_may_begin_anew_unless_the_caller_says_otherwise(
    server: Scripted, client: ChatClient
) -> None:
    server.script = streams(*HELLO)
    ready = pb.ChatRequest(model="fast", messages=[mainstay.user("Hi")])
    before = ready.SerializeToString()
    own = pb.CallPolicy(recovery=pb.RECOVERY_FAIL)
    for stream in (client.stream("Hi"), client.stream(ready), client.stream("Hi", policy=own)):
        async with stream:
            await drain(stream)
    wishes = [seen.request.policy.recovery for seen in server.seen]
    assert wishes == [pb.RECOVERY_RESTART, pb.RECOVERY_RESTART, pb.RECOVERY_FAIL]
    assert ready.SerializeToString() == before


async def test_text_goes_on_after_a_continue(server: Scripted, client: ChatClient) -> None:
    server.script = streams(*numbered(text("first "), reset(pb.RESET_MODE_CONTINUE), text("second"), completed()))
    async with client.stream("Hi") as stream:
        assert "".join([piece async for piece in stream.text()]) == "first second"


async def test_a_slow_reader_loses_nothing(server: Scripted, client: ChatClient) -> None:
    server.script = streams(*numbered(*(text(f"{number} ") for number in range(500)), completed()))
    async with client.stream("Hi") as stream:
        await asyncio.wait_for(server.finished.wait(), 5)
        await asyncio.sleep(0.05)
        await drain(stream)
    assert stream.response.message.parts[0].text == "".join(f"{number} " for number in range(500))


async def test_a_stream_is_read_inside_its_block_and_opened_once(server: Scripted, client: ChatClient) -> None:
    server.script = streams(*HELLO)
    stream = client.stream("Hi")
    with pytest.raises(RuntimeError, match="async with"):
        await anext(stream)
    assert server.seen == []
    async with stream:
        await drain(stream)
    with pytest.raises(RuntimeError, match="opened once"):
        async with stream:
            pass


async def test_there_is_no_response_before_the_end(server: Scripted, client: ChatClient) -> None:
    server.script = streams(*HELLO)
    async with client.stream("Hi") as stream:
        await anext(stream)
        with pytest.raises(RuntimeError, match="read the stream to its end"):
            _ = stream.response
