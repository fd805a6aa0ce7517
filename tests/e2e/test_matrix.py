"""What callers want, in every protocol, from a real client to a provider that refuses what it does not know.

A column of the matrix is a test. Below it are loops of tools that move from each protocol to each other one, and back.
"""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from mainstay import messages, text_of
from mainstay import v1 as pb
from service.simulator.tokens import count
from tests.kit.vendors import Vendors, vendors

TARGETS = {
    "openai": "openai/gpt-6-luna",
    "anthropic": "anthropic/claude-haiku-4-5",
    "gemini": "gemini/gemini-3.8-flash",
    "deepseek": "deepseek/deepseek-flash",
    "opus": "anthropic/claude-opus-5-5",
}
PROTOCOLS = ("openai", "anthropic", "gemini")
THINKERS = {"deepseek": "openai", "anthropic": "anthropic", "opus": "anthropic", "gemini": "gemini"}
"""Routes to models whose thoughts come back, and their protocols. Of OpenAI's own they do not."""
BUDGETED = "anthropic"
"""Thinks by a budget: not in a loop that another began, since that has to begin with its own thoughts."""
HIGH = pb.ReasoningOptions(effort=pb.REASONING_EFFORT_HIGH, include_text=True)
THOUGHTS = 24
"""Tokens that the simulator thinks where it is asked to think."""
PICTURE = 85
"""Tokens that it counts for a picture."""
TURN = 3
"""Tokens that it counts for a turn beside its words."""
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = pb.Tool(name="get_weather", description="Now.", parameters_json=orjson.dumps(SCHEMA).decode())
MAP = pb.Tool(name="show_map", parameters_json=orjson.dumps(SCHEMA).decode())
TOOLS = [WEATHER, MAP]
ARGUMENTS = {"city": "simulated city"}
PNG = pb.Part(image=pb.Media(data=b"\x89PNG\r\n\x1a\n" + bytes(24), media_type="image/png"))

each = pytest.mark.parametrize("protocol", PROTOCOLS)
either = pytest.mark.parametrize("streamed", [False, True], ids=["whole", "stream"])
thinking = pytest.mark.parametrize("thinks", [False, True], ids=["plain", "thinking"])


@pytest.fixture
async def all_of_them(nothing_left_open: None) -> AsyncIterator[Vendors]:
    async with vendors(TARGETS) as them:
        yield them


async def ask(them: Vendors, route: str, question: Any, *, streamed: bool = False, **fields: Any) -> pb.ChatResponse:
    """The answer, which the route's own target gave."""
    if streamed:
        async with them.client.stream(question, model=route, **fields) as stream:
            assert [event async for event in stream][-1].HasField("completed")
            answer = stream.response
    else:
        answer = await them.client.chat(question, model=route, **fields)
    assert f"{answer.provenance.provider}/{answer.provenance.model}" == TARGETS[route]
    assert (answer.source, answer.notice) == (pb.SOURCE_MODEL, "")
    return answer


def kinds(answer: pb.ChatResponse) -> list[str | None]:
    return [part.WhichOneof("content") for part in answer.message.parts]


def calls(answer: pb.ChatResponse) -> list[pb.ToolCall]:
    assert answer.finish_reason == pb.FINISH_REASON_TOOL_CALLS
    return [part.tool_call for part in answer.message.parts if part.HasField("tool_call")]


def called(answer: pb.ChatResponse) -> list[tuple[str, Any]]:
    return [(call.name, orjson.loads(call.arguments_json)) for call in calls(answer)]


def results(answer: pb.ChatResponse) -> list[pb.Message]:
    """Of its calls: each says which tool it is of."""
    return [messages.tool_result(call.id, f"done by {call.name}") for call in calls(answer)]


def reasoning(answer: pb.ChatResponse) -> str:
    return "".join(part.reasoning.text for part in answer.message.parts)


# The columns.


@each
async def test_a_question_is_answered(all_of_them: Vendors, protocol: str) -> None:
    answer = await ask(all_of_them, protocol, "What is a mainstay?")
    assert text_of(answer) == (
        "This answer is simulated: no language model was asked. You asked: “What is a mainstay?”. "
        "Configure a provider's key to get a real one."
    )
    assert answer.finish_reason == pb.FINISH_REASON_STOP
    assert not answer.adjustments
    assert answer.usage.input_tokens == count("What is a mainstay?") + TURN
    assert answer.usage.output_tokens == count(text_of(answer))
    await all_of_them.assert_accepted(protocol)


@each
async def test_a_stream_says_the_same_in_pieces(all_of_them: Vendors, protocol: str) -> None:
    whole = await ask(all_of_them, protocol, "What is a mainstay?")
    async with all_of_them.client.stream("What is a mainstay?", model=protocol) as stream:
        events = [event async for event in stream]
    pieces = [event.text_delta.text for event in events if event.HasField("text_delta")]
    assert len(pieces) > 1
    assert "".join(pieces) == text_of(stream.response) == text_of(whole)
    assert [event.WhichOneof("event") for event in (events[0], events[-1])] == ["started", "completed"]
    assert stream.response.finish_reason == pb.FINISH_REASON_STOP
    assert stream.response.usage == whole.usage
    await all_of_them.assert_accepted(protocol, protocol)


@each
@either
async def test_a_tool_is_called(all_of_them: Vendors, protocol: str, *, streamed: bool) -> None:
    answer = await ask(all_of_them, protocol, "get_weather", streamed=streamed, tools=TOOLS)
    assert kinds(answer) == ["tool_call"]
    assert called(answer) == [("get_weather", ARGUMENTS)]
    assert answer.usage.output_tokens == count("get_weather") + count(orjson.dumps(ARGUMENTS).decode())
    await all_of_them.assert_accepted(protocol)


@each
@either
async def test_two_tools_are_called_at_once(all_of_them: Vendors, protocol: str, *, streamed: bool) -> None:
    answer = await ask(all_of_them, protocol, "get_weather and show_map", streamed=streamed, tools=TOOLS)
    assert called(answer) == [("get_weather", ARGUMENTS), ("show_map", ARGUMENTS)]
    assert len({call.id for call in calls(answer)}) == 2
    await all_of_them.assert_accepted(protocol)


@each
@either
@thinking
async def test_a_loop_of_tools_ends_with_an_answer(
    all_of_them: Vendors, protocol: str, *, streamed: bool, thinks: bool
) -> None:
    fields: Any = {"streamed": streamed, "tools": TOOLS, **({"reasoning": HIGH} if thinks else {})}
    conversation = [messages.system("Be brief."), messages.user("get_weather and show_map")]
    for asked in ("get_weather, again", ""):
        answer = await ask(all_of_them, protocol, conversation, **fields)
        conversation += [answer.message, *results(answer), *([messages.user(asked)] if asked else [])]
    answer = await ask(all_of_them, protocol, conversation, **fields)
    assert text_of(answer) == (
        "This answer is simulated: no language model was asked. The tool get_weather returned: done by get_weather."
    )
    assert answer.finish_reason == pb.FINISH_REASON_STOP
    await all_of_them.assert_accepted(protocol, protocol, protocol)


@each
@either
async def test_a_picture_arrives(all_of_them: Vendors, protocol: str, *, streamed: bool) -> None:
    bare = await ask(all_of_them, protocol, "What is this?", streamed=streamed)
    answer = await ask(all_of_them, protocol, messages.user("What is this?", PNG), streamed=streamed)
    assert text_of(answer) == text_of(bare)
    assert answer.usage.input_tokens == bare.usage.input_tokens + PICTURE
    assert not answer.adjustments
    await all_of_them.assert_accepted(protocol, protocol)


@each
@either
async def test_an_answer_follows_a_schema(all_of_them: Vendors, protocol: str, *, streamed: bool) -> None:
    wanted = pb.JsonSchemaFormat(name="place", schema_json=orjson.dumps(SCHEMA).decode())
    form = pb.ResponseFormat(json_schema=wanted)
    answer = await ask(all_of_them, protocol, "Where?", streamed=streamed, response_format=form)
    assert orjson.loads(text_of(answer)) == ARGUMENTS
    assert answer.structured_output == pb.StructuredOutput(valid=True)
    assert answer.finish_reason == pb.FINISH_REASON_STOP
    await all_of_them.assert_accepted(protocol)


@pytest.mark.parametrize("route", THINKERS)
@either
async def test_thoughts_come_back(all_of_them: Vendors, route: str, *, streamed: bool) -> None:
    answer = await ask(all_of_them, route, "What is a mainstay?", streamed=streamed, reasoning=HIGH)
    assert kinds(answer) == ["reasoning", "text"]
    assert count(reasoning(answer)) == answer.usage.reasoning_tokens == THOUGHTS
    assert answer.usage.output_tokens == count(text_of(answer)) + THOUGHTS
    assert answer.finish_reason == pb.FINISH_REASON_STOP
    await all_of_them.assert_accepted(THINKERS[route])


# The moves: one protocol begins a loop, another goes on with it, and the first ends it.

MOVES = [(begins, goes_on) for begins in PROTOCOLS for goes_on in PROTOCOLS if begins != goes_on]
THINKING_MOVES = [(one, two) for one in THINKERS for two in THINKERS if THINKERS[one] != THINKERS[two]]


async def moved(them: Vendors, begins: str, goes_on: str, **fields: Any) -> list[pb.ChatResponse]:
    """The answers of a loop that is moved as a caller holds it: every part of every answer, untouched."""
    answers: list[pb.ChatResponse] = []
    conversation = [messages.user("get_weather and show_map")]
    for route in (begins, goes_on):
        answers.append(await ask(them, route, conversation, tools=TOOLS, **fields))
        conversation += [answers[-1].message, *(results(answers[-1]) if route is begins else ())]
    conversation.append(messages.user("show_map"))
    for route in (goes_on, begins):
        answers.append(await ask(them, route, conversation, tools=TOOLS, **fields))
        conversation += [answers[-1].message, *(results(answers[-1]) if route is goes_on else ())]
    return answers


def assert_gone_round(answers: list[pb.ChatResponse]) -> None:
    first, second, third, last = answers
    assert called(first) == [("get_weather", ARGUMENTS), ("show_map", ARGUMENTS)]
    assert text_of(second).endswith(
        "asked. The tool get_weather returned: done by get_weather. The tool show_map returned: done by show_map."
    )
    assert called(third) == [("show_map", ARGUMENTS)]
    assert text_of(last).endswith("asked. The tool show_map returned: done by show_map.")
    assert [answer.finish_reason for answer in (second, last)] == [pb.FINISH_REASON_STOP] * 2


@pytest.mark.parametrize(("begins", "goes_on"), MOVES)
@either
async def test_a_loop_moves_from_one_protocol_to_another_and_back(
    all_of_them: Vendors, begins: str, goes_on: str, *, streamed: bool
) -> None:
    assert_gone_round(await moved(all_of_them, begins, goes_on, streamed=streamed))
    await all_of_them.assert_accepted(begins, goes_on, goes_on, begins)


@pytest.mark.parametrize(("begins", "goes_on"), THINKING_MOVES)
@either
async def test_a_loop_of_thinking_models_moves_too(
    all_of_them: Vendors, begins: str, goes_on: str, *, streamed: bool
) -> None:
    answers = await moved(all_of_them, begins, goes_on, streamed=streamed, reasoning=HIGH)
    assert_gone_round(answers)
    thought = ["reasoning" in kinds(answer) for answer in answers]
    assert thought == [True, goes_on != BUDGETED, True, begins != BUDGETED]
    one, two = THINKERS[begins], THINKERS[goes_on]
    await all_of_them.assert_accepted(one, two, two, one)
