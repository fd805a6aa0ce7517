"""Calls that are answered in one piece, against a real server."""

import asyncio
import os
from pathlib import Path

import grpc
import pytest
from google.protobuf.message import Message

import mainstay
from mainstay import ChatClient, MainstayError, assistant, system, text_of, tool_result, user
from mainstay import v1 as pb
from mainstay.messages import RequestFields
from tests.client.scripted import Context, Scripted, answer, answers, drain


def sockets() -> set[str]:
    """The sockets that this process has open."""
    return {os.readlink(entry) for entry in Path("/proc/self/fd").iterdir() if entry.is_socket()}


async def never(request: pb.ChatRequest, context: Context) -> None:
    await asyncio.Event().wait()


async def test_a_question_is_asked_of_the_default_model(server: Scripted, client: ChatClient) -> None:
    server.script = answers(answer("Because."))
    response = await client.chat("Why?")
    assert text_of(response) == "Because."
    assert response == answer("Because.")
    assert server.seen[0].request == pb.ChatRequest(model="default", messages=[user("Why?")])


async def test_every_field_is_a_keyword(server: Scripted, client: ChatClient) -> None:
    server.script = answers(answer("Because."))
    turns = [system("Be brief."), user("Why?"), assistant("?"), tool_result("t1", "42", is_error=True)]
    await client.chat(turns, model="fast", temperature=0.5, stop=["."], labels={"team": "a"})
    assert server.seen[0].request == pb.ChatRequest(
        model="fast", messages=turns, temperature=0.5, stop=["."], labels={"team": "a"}
    )


def test_the_keywords_are_the_fields_of_the_request() -> None:
    fields = {field.name for field in pb.ChatRequest.DESCRIPTOR.fields}
    assert set(RequestFields.__annotations__) == fields - {"messages"}


async def test_a_ready_request_goes_out_as_it_is(server: Scripted, client: ChatClient) -> None:
    server.script = answers(answer("Because."))
    request = pb.ChatRequest(model="acme/large", messages=[user("Why?")], seed=7)
    await client.chat(request)
    assert server.seen[0].request == request


async def test_a_ready_request_takes_no_further_fields(client: ChatClient) -> None:
    with pytest.raises(TypeError, match=r"no further fields.*temperature"):
        await client.chat(pb.ChatRequest(), temperature=1.0)


async def test_one_turn_is_a_conversation(server: Scripted, client: ChatClient) -> None:
    server.script = answers(answer("A cat."))
    picture = pb.Part(image=pb.Media(url="https://example.com/cat.png"))
    await client.chat(user("What is this?", picture))
    assert server.seen[0].request.messages == [
        pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="What is this?"), picture])
    ]


def test_the_text_of_an_answer_leaves_out_thoughts() -> None:
    message = pb.Message(parts=[pb.Part(reasoning=pb.Reasoning(text="hm")), pb.Part(text="a"), pb.Part(text="b")])
    assert text_of(message) == "ab"


@pytest.mark.parametrize(
    ("of_client", "of_call", "expected"), [(None, None, 120), (30, None, 30), (30, 5, 5), (None, 5, 5)]
)
async def test_every_call_has_a_deadline(
    server: Scripted, of_client: float | None, of_call: float | None, expected: float
) -> None:
    server.script = answers(answer("Yes."))
    async with ChatClient(server.target, timeout=of_client) as client:
        await client.chat("Well?", timeout=of_call)
    left = server.seen[0].seconds_left
    assert left is not None
    assert expected - 2 < left < expected * 1.01 + 0.1  # the wire has two or three digits


async def test_a_deadline_that_passes_is_a_deadline_exceeded(server: Scripted, client: ChatClient) -> None:
    server.script = never
    with pytest.raises(mainstay.DeadlineExceeded, match="no answer from Mainstay at 127"):
        await client.chat("Well?", timeout=0.1)


async def test_the_caller_and_the_metadata_go_along(server: Scripted) -> None:
    server.script = answers(answer("Yes."))
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    async with ChatClient(server.target, caller="billing", metadata={"X-Team": "a", "x-b": "1"}) as client:
        await client.chat("Well?", metadata={"traceparent": parent, "x-b": "2"})
    seen = server.seen[0].metadata
    assert seen["mainstay-caller"] == "billing"
    assert (seen["x-team"], seen["x-b"], seen["traceparent"]) == ("a", "2", parent)
    assert str(seen["user-agent"]).startswith("mainstay-python/")


async def test_without_a_caller_none_is_named(server: Scripted) -> None:
    server.script = answers(answer("Yes."))
    async with ChatClient(server.target) as client:
        await client.chat("Well?")
    assert "mainstay-caller" not in server.seen[0].metadata


async def test_the_models_are_listed(server: Scripted, client: ChatClient) -> None:
    server.models = [pb.Model(name="default", targets=["acme/large"], usable=True)]
    assert await client.list_models() == server.models


async def test_tokens_are_counted_of_the_question_as_it_would_be_asked(server: Scripted, client: ChatClient) -> None:
    server.counts = [pb.TokenCount(target="acme/large", input_tokens=12)]
    assert await client.count_tokens("Why?", model="fast", max_output_tokens=5) == server.counts
    chat = pb.ChatRequest(model="fast", messages=[user("Why?")], max_output_tokens=5)
    assert server.seen[0].request == pb.CountTokensRequest(chat=chat)


async def test_calls_share_one_client(server: Scripted, client: ChatClient) -> None:
    server.script = answers(answer("Yes."))
    responses = await asyncio.gather(*(client.chat(f"{number}?") for number in range(20)))
    assert [text_of(response) for response in responses] == ["Yes."] * 20


async def test_a_cancelled_task_cancels_its_call(server: Scripted, client: ChatClient) -> None:
    server.script = never
    task = asyncio.create_task(client.chat("Well?"))
    await asyncio.wait_for(server.called.wait(), 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(server.cancelled.wait(), 5)


async def test_closing_the_client_ends_its_calls_and_cancels_no_task(server: Scripted) -> None:
    server.script = never
    client = ChatClient(server.target)
    task = asyncio.create_task(client.chat("Well?"))
    await asyncio.wait_for(server.called.wait(), 5)
    await client.close()
    with pytest.raises(mainstay.Cancelled):
        await task


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc to see sockets")
async def test_a_closed_client_holds_no_connection(server: Scripted) -> None:
    server.script = answers(answer("Yes."))
    before = sockets()
    client = ChatClient(server.target)
    await client.chat("Well?")
    assert sockets() > before
    await client.close()
    for _ in range(100):  # gRPC's own threads close them
        if sockets() <= before:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{client} still holds {sockets() - before}")


async def test_a_closed_client_says_so(server: Scripted) -> None:
    async with ChatClient(server.target) as client:
        pass
    with pytest.raises(RuntimeError, match="closed"):
        await client.chat("Well?")


async def test_an_answer_that_cannot_be_parsed_is_an_error(garbage: str, caplog: pytest.LogCaptureFixture) -> None:
    async with ChatClient(garbage) as client:
        with pytest.raises(MainstayError, match="could not be read"):
            await client.chat("Well?")
        async with client.stream("Well?") as stream:
            with pytest.raises(mainstay.IncompleteStream, match="could not be read"):
                await drain(stream)


async def test_something_else_that_listens_there_is_an_error_of_ours(tmp_path: object) -> None:
    async def speaks_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
        writer.close()
        await writer.wait_closed()

    listener = await asyncio.start_server(speaks_http, "127.0.0.1", 0)
    target = f"127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener, ChatClient(target) as client:
        with pytest.raises(MainstayError, match=target):
            await client.chat("Well?", timeout=3)


async def test_tls_is_a_matter_of_credentials(server: Scripted) -> None:
    server.script = answers(answer("Yes."))
    async with ChatClient(server.target, credentials=grpc.ssl_channel_credentials()) as client:
        with pytest.raises(MainstayError):
            await client.chat("Well?", timeout=1)
    assert server.seen == []


def test_a_message_is_one_of_protobuf() -> None:
    assert isinstance(user("a"), Message)
