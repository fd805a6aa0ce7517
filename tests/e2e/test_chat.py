"""One chat, unary and streamed, from a real client through the pipeline to a provider and back."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from mainstay import ChatClient
from mainstay import v1 as pb
from tests.kit.service import Control, client_of
from tests.kit.spans import SpanBook

WEATHER = pb.Tool(
    name="get_weather",
    description="The weather in a city",
    parameters_json='{"type":"object","properties":{"city":{"type":"string"}},"required":["city"]}',
)


@pytest.fixture
async def client(simulator: str, spans: SpanBook) -> AsyncIterator[ChatClient]:
    async with client_of(simulator, spans.tracer) as client:
        yield client


async def test_a_unary_answer_says_where_it_came_from_and_what_it_took(client: ChatClient) -> None:
    response = await client.chat("什么是机器学习?")
    assert "机器学习" in response.message.parts[0].text
    assert response.finish_reason == pb.FINISH_REASON_STOP
    assert response.source == pb.SOURCE_SIMULATOR
    assert response.id.startswith("call_")
    assert response.usage.output_tokens > 0
    provenance = response.provenance
    assert (provenance.route, provenance.provider, provenance.model) == ("default", "simulator", "chat")
    assert len(provenance.trace_id) == 32
    assert provenance.elapsed.ToMilliseconds() > 0
    (attempt,) = provenance.attempts
    assert attempt.outcome == pb.ATTEMPT_OUTCOME_ANSWERED
    assert attempt.usage == response.usage


async def test_a_stream_starts_counts_and_completes(client: ChatClient) -> None:
    async with client.stream("What is machine learning?") as stream:
        events = [event async for event in stream]
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    started, completed = events[0].started, events[-1].completed
    assert (started.source, started.provider, started.model) == (pb.SOURCE_SIMULATOR, "simulator", "chat")
    assert started.id == completed.id
    assert not completed.HasField("message")
    assert completed.provenance.attempts[0].HasField("time_to_first_token")
    assert completed.provenance.HasField("time_to_first_token")
    assert len(events) > 5


async def test_both_ways_give_the_same_answer(client: ChatClient) -> None:
    unary = await client.chat("hello")
    async with client.stream("hello") as stream:
        async for _ in stream:
            pass
    assert stream.response.message == unary.message
    assert stream.response.usage == unary.usage


@pytest.mark.parametrize("model", ["simulator/chat", "simulator/chat+wholecall"])
async def test_a_tool_call_comes_whole_or_in_fragments_and_its_result_goes_back(client: ChatClient, model: str) -> None:
    question = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="get_weather for Paris, please")])
    async with client.stream([question], model=model, tools=[WEATHER]) as stream:
        deltas = [event.tool_call_delta async for event in stream if event.HasField("tool_call_delta")]
    assert (len(deltas) == 1) == (model.endswith("wholecall"))
    assert stream.response.finish_reason == pb.FINISH_REASON_TOOL_CALLS
    call = next(part.tool_call for part in stream.response.message.parts if part.HasField("tool_call"))
    assert call.name == "get_weather"
    result = pb.Part(tool_result=pb.ToolResult(tool_call_id=call.id, text="sunny, 21 degrees"))
    history = [question, stream.response.message, pb.Message(role=pb.ROLE_TOOL, parts=[result])]
    answer = await client.chat(history, model=model, tools=[WEATHER])
    assert "sunny, 21 degrees" in answer.message.parts[0].text


async def test_the_callers_trace_goes_on_to_the_provider(client: ChatClient, simulator: str) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    traceparent = f"00-{trace}-b7ad6b7169203331-01"
    response = await client.chat("hello", metadata={"traceparent": traceparent})
    assert response.provenance.trace_id == trace
    assert trace in (await Control(simulator).last())["headers"]["traceparent"]


async def test_models_are_listed(client: ChatClient) -> None:
    assert list(await client.list_models()) == [pb.Model(name="default", targets=["simulator/chat"], usable=True)]


async def test_fifty_calls_at_once_are_fifty_answers(client: ChatClient) -> None:
    answers = await asyncio.gather(*(client.chat(f"question {number}") for number in range(50)))
    assert len({answer.id for answer in answers}) == 50


async def test_a_dropped_parameter_is_reported(client: ChatClient) -> None:
    (adjustment,) = (await client.chat("hello", top_k=5)).adjustments
    assert (adjustment.field, adjustment.action) == ("top_k", pb.ADJUSTMENT_ACTION_DROPPED)
