"""Ids of tool calls: as providers take them, and each result with its call."""

import re
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.providers.anthropic import Anthropic
from service.providers.call_ids import CallIds, IdShape, made_up
from service.providers.catalog import ROWS
from service.providers.openai import Dialect, OpenAI
from service.providers.wire import Wire
from tests.providers.begun import WIRES

ANTHROPIC = IdShape(letters="a-zA-Z0-9_-", most=64)
NINE = IdShape(letters="a-zA-Z0-9", least=9, most=9)
SHAPES = {
    "any": (IdShape(), r"(?s).+"),
    "forty": (IdShape(most=40), r"(?s).{1,40}"),
    "anthropic": (ANTHROPIC, r"[a-zA-Z0-9_-]{1,64}"),
    "nine": (NINE, r"[a-zA-Z0-9]{9}"),
}
ids = st.text(min_size=1, max_size=256) | st.sampled_from(["a", "a.", "a_", "a_2", "call_1", "x" * 256, "x" * 255])
often = settings(derandomize=True, max_examples=300, deadline=None)


@pytest.mark.parametrize("name", SHAPES)
@often
@given(st.lists(ids, max_size=12))
def test_any_ids_fit_and_none_is_there_twice(name: str, given: list[str]) -> None:
    shape, pattern = SHAPES[name]
    told = CallIds(shape)
    found = [told.of(id) for id in given]
    assert len(set(found)) == len(given)
    assert all(re.fullmatch(pattern, id) for id in found)


@often
@given(st.lists(ids, max_size=8), st.lists(ids, max_size=4))
def test_what_follows_does_not_change_an_id(before: list[str], after: list[str]) -> None:
    for shape, _ in SHAPES.values():
        short, long = CallIds(shape), CallIds(shape)
        assert [short.of(id) for id in before] == [long.of(id) for id in [*before, *after]][: len(before)]


@pytest.mark.parametrize(
    ("shape", "given", "told"),
    [
        (IdShape(), "functions.f:0", "functions.f:0"),
        (ANTHROPIC, "toolu_01-a", "toolu_01-a"),
        (ANTHROPIC, "functions.f:0", "functions_f_0"),
        (ANTHROPIC, "你", "_"),
        (NINE, "a1B2c3D4e", "a1B2c3D4e"),
        (IdShape(most=40), "x" * 40, "x" * 40),
    ],
)
def test_what_fits_stays_and_the_rest_is_replaced(shape: IdShape, given: str, told: str) -> None:
    assert CallIds(shape).of(given) == told


def test_two_long_ids_that_end_differently_stay_apart_whatever_came_before() -> None:
    first, second = "x" * 50 + "1", "x" * 50 + "2"
    shape = IdShape(most=40)
    assert CallIds(shape).of(first)[:32] == "x" * 32
    assert CallIds(shape).of(second) != CallIds(shape).of(first)


def test_an_id_again_and_again_takes_no_longer_each_time() -> None:
    told = CallIds(ANTHROPIC)
    assert len({told.of("a") for _ in range(10_000)}) == 10_000


def test_a_made_up_id_is_of_its_answer_alone_if_that_has_a_plain_name() -> None:
    assert made_up(2, "msg_1") == "call_2_msg_1"
    assert made_up(1, "chatcmpl-" + "a" * 40) == "call_1_" + "a" * 30
    assert made_up(1, "") == made_up(1, "no plain name") == "call_1"
    assert len(made_up(1024, "x" * 99)) == 40


@pytest.mark.parametrize(
    ("protocol", "body"),
    [
        (
            "openai",
            {"id": "R", "choices": [{"message": {"tool_calls": [{"function": {"name": "f"}}]}, "finish_reason": "x"}]},
        ),
        ("anthropic", {"id": "R", "content": [{"type": "tool_use", "name": "f"}], "stop_reason": "tool_use"}),
        (
            "gemini",
            {
                "responseId": "R",
                "candidates": [{"content": {"parts": [{"functionCall": {"name": "f"}}]}, "finishReason": "STOP"}],
            },
        ),
    ],
)
def test_a_call_without_an_id_gets_one_that_no_other_answer_has(protocol: str, body: Any) -> None:
    events = WIRES[protocol].decode(orjson.dumps(body))
    assert [event.tool_call_delta.id for event in events if event.tool_call_delta.id] == ["call_1_R"]


def test_a_streamed_call_gets_the_same() -> None:
    begun = {"type": "message_start", "message": {"id": "R"}}
    block = {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "name": "f"}}
    decoder = WIRES["anthropic"].stream_decoder(pb.ChatRequest())
    (event,) = decoder.feed(b"".join(b"data: " + orjson.dumps(chunk) + b"\n\n" for chunk in (begun, block)))
    assert event.tool_call_delta.id == "call_1_R"


def conversation(turns: list[list[str]]) -> pb.ChatRequest:
    """Each turn calls with these ids, and is answered in order; each result says which call it is meant for."""
    asked = pb.ChatRequest(tools=[pb.Tool(name="f")])
    asked.messages.add(role=pb.ROLE_USER).parts.add(text="go")
    for number, turn in enumerate(turns):
        calls, results = asked.messages.add(role=pb.ROLE_ASSISTANT), asked.messages.add(role=pb.ROLE_TOOL)
        for place, id in enumerate(turn):
            arguments = orjson.dumps({"call": f"{number}.{place}"}).decode()
            calls.parts.add(tool_call=pb.ToolCall(id=id, name=f"f{number}_{place}", arguments_json=arguments))
            results.parts.add(tool_result=pb.ToolResult(tool_call_id=id, text=f"{number}.{place}"))
    return asked


def in_openai(body: Any) -> list[tuple[str, str]]:
    calls = {
        call["id"]: orjson.loads(call["function"]["arguments"])["call"]
        for said in body["messages"]
        for call in said.get("tool_calls", ())
    }
    return [(calls[said["tool_call_id"]], said["content"]) for said in body["messages"] if said["role"] == "tool"]


def in_anthropic(body: Any) -> list[tuple[str, str]]:
    blocks = [block for said in body["messages"] for block in said["content"] if isinstance(block, dict)]
    calls = {block["id"]: block["input"]["call"] for block in blocks if block["type"] == "tool_use"}
    return [(calls[block["tool_use_id"]], block["content"]) for block in blocks if block["type"] == "tool_result"]


def in_gemini(body: Any) -> list[tuple[str, str]]:
    """Matched by order, and by name as a check on it."""
    parts = [part for said in body["contents"] for part in said["parts"]]
    calls = [part["functionCall"] for part in parts if "functionCall" in part]
    results = [part["functionResponse"] for part in parts if "functionResponse" in part]
    assert [call["name"] for call in calls] == [result["name"] for result in results]
    return [(call["args"]["call"], result["response"]["output"]) for call, result in zip(calls, results, strict=True)]


FORTY, MISTRAL = OpenAI(Dialect(call_ids=IdShape(most=40))), ROWS["mistral"].wire("mistral")


@pytest.mark.parametrize(
    ("wire", "pairs"),
    [
        (OpenAI(), in_openai),
        (FORTY, in_openai),
        (MISTRAL, in_openai),
        (Anthropic(), in_anthropic),
        (WIRES["gemini"], in_gemini),
    ],
    ids=["openai", "forty", "mistral", "anthropic", "gemini"],
)
@often
@given(turns=st.lists(st.lists(ids, min_size=1, max_size=4), min_size=1, max_size=4))
def test_every_result_goes_out_with_its_own_call(wire: Wire, pairs: Any, turns: list[list[str]]) -> None:
    body = orjson.loads(wire.encode(conversation(turns), "m", stream=False).body)
    found = pairs(body)
    assert len(found) == sum(map(len, turns))
    assert all(call == result for call, result in found)
