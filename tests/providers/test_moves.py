"""A tool loop that one provider began is gone on with by another: all six moves, as they go out."""

from typing import Any

import orjson
import pytest

from mainstay import v1 as pb
from service.providers.catalog import ROWS, Row
from service.providers.gemini.turns import PLACEHOLDER
from service.providers.wire import Question
from tests.providers.begun import CANARY, WIRES, begun, loop

DROPPED, CLAMPED, DOWNGRADED = (
    pb.ADJUSTMENT_ACTION_DROPPED,
    pb.ADJUSTMENT_ACTION_CLAMPED,
    pb.ADJUSTMENT_ACTION_DOWNGRADED,
)
MOVES = [(begun_by, gone_to) for begun_by in WIRES for gone_to in WIRES if begun_by != gone_to]
IDS = {
    "openai": ("functions.weather:0", "functions.map:1"),
    "anthropic": ("toolu_1", "toolu_2"),
    "gemini": ("call_1_r1", "x-2"),
}
OBJECTS = {"openai": {"arguments": "oops"}, "anthropic": {}, "gemini": {}}
"""Arguments of the second call: one model wrote nonsense."""


def asked(begun_by: str, gone_to: str) -> Question:
    return WIRES[gone_to].encode(loop(begun_by), "m", stream=False)


def to_openai(begun_by: str) -> Any:
    first, second = IDS[begun_by]
    return [
        {"role": "user", "content": "Rome?"},
        {
            "role": "assistant",
            "content": "I look.",
            "tool_calls": [
                {
                    "id": first,
                    "type": "function",
                    "function": {"name": "weather", "arguments": '{"city":"Rome"}'},
                },
                {
                    "id": second,
                    "type": "function",
                    "function": {"name": "map", "arguments": orjson.dumps(OBJECTS[begun_by]).decode()},
                },
            ],
        },
        {"role": "tool", "tool_call_id": first, "content": "rain"},
        {"role": "tool", "tool_call_id": second, "content": "no map"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": f"Pictures in the result of tool call {first}:"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,cG5n"}},
            ],
        },
        {"role": "user", "content": "Well?"},
    ]


def to_anthropic(begun_by: str) -> Any:
    first, second = (id.replace(".", "_").replace(":", "_") for id in IDS[begun_by])
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "cG5n"}}
    return [
        {"role": "user", "content": "Rome?"},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": first, "name": "weather", "input": {"city": "Rome"}},
                {"type": "tool_use", "id": second, "name": "map", "input": OBJECTS[begun_by]},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": first, "content": [{"type": "text", "text": "rain"}, picture]},
                {"type": "tool_result", "tool_use_id": second, "content": "no map", "is_error": True},
                {"type": "text", "text": "Well?"},
            ],
        },
    ]


def to_gemini(begun_by: str) -> Any:
    return [
        {"role": "user", "parts": [{"text": "Rome?"}]},
        {
            "role": "model",
            "parts": [
                {"text": "I look."},
                {"functionCall": {"name": "weather", "args": {"city": "Rome"}}, "thoughtSignature": PLACEHOLDER},
                {"functionCall": {"name": "map", "args": OBJECTS[begun_by]}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"name": "weather", "response": {"output": "rain"}}},
                {"functionResponse": {"name": "map", "response": {"error": "no map"}}},
                {"text": "Pictures in the result of weather:"},
                {"inlineData": {"mimeType": "image/png", "data": "cG5n"}},
                {"text": "Well?"},
            ],
        },
    ]


CONVERSATIONS = {
    "openai": ("messages", to_openai),
    "anthropic": ("messages", to_anthropic),
    "gemini": ("contents", to_gemini),
}


@pytest.mark.parametrize(("begun_by", "gone_to"), MOVES)
def test_a_loop_goes_on_with_another_provider(begun_by: str, gone_to: str) -> None:
    field, expected = CONVERSATIONS[gone_to]
    assert orjson.loads(asked(begun_by, gone_to).body)[field] == expected(begun_by)


CALL = "messages[1].parts[{}].tool_call"
CHANGES = {
    ("openai", "anthropic"): [
        (f"{CALL.format(2)}.id", CLAMPED),
        ("messages[1].parts[0].reasoning", DROPPED),
        (f"{CALL.format(3)}.arguments_json", DOWNGRADED),
    ],
    ("openai", "gemini"): [
        (f"{CALL.format(3)}.arguments_json", DOWNGRADED),
        ("messages[4].parts[0].tool_result.images", DOWNGRADED),
    ],
    ("anthropic", "openai"): [
        ("messages[1].parts[2].provider_block", DROPPED),
        ("messages[4].parts[0].tool_result.images", DOWNGRADED),
    ],
    ("anthropic", "gemini"): [
        ("messages[1].parts[2].provider_block", DROPPED),
        ("messages[4].parts[0].tool_result.images", DOWNGRADED),
    ],
    ("gemini", "openai"): [
        ("messages[1].parts[1].provider_block", DROPPED),
        ("messages[4].parts[0].tool_result.images", DOWNGRADED),
    ],
    ("gemini", "anthropic"): [
        ("messages[1].parts[0].reasoning", DROPPED),
        ("messages[1].parts[1].provider_block", DROPPED),
    ],
}


@pytest.mark.parametrize(("begun_by", "gone_to"), MOVES)
def test_what_was_lost_on_the_way_is_told(begun_by: str, gone_to: str) -> None:
    changes = [(change.field, change.action) for change in asked(begun_by, gone_to).adjustments]
    assert changes == CHANGES[begun_by, gone_to]


@pytest.mark.parametrize("protocol", WIRES)
def test_whoever_began_it_gets_everything_back(protocol: str) -> None:
    body = asked(protocol, protocol).body.decode()
    states = {"openai": 2, "anthropic": 5, "gemini": 4}
    assert body.count(CANARY) == states[protocol]
    assert PLACEHOLDER not in body


@pytest.mark.parametrize("row", ROWS.values(), ids=lambda row: row.name)
@pytest.mark.parametrize("begun_by", WIRES)
def test_nobody_gets_what_only_another_understands_nor_its_thoughts(begun_by: str, row: Row) -> None:
    asked = loop(begun_by, "somebody else")
    assert CANARY in str(asked)
    del asked.messages[2:]
    asked.messages.extend(_text_results(asked.messages[1]))
    for model in (*row.dialects, *(known.name for known in row.models), "m"):
        assert CANARY not in row.wire(row.name).encode(asked, model, stream=True).body.decode()


def _text_results(said: pb.Message) -> list[pb.Message]:
    calls = [part.tool_call.id for part in said.parts if part.HasField("tool_call")]
    results = [pb.Part(tool_result=pb.ToolResult(tool_call_id=id, text="ok")) for id in calls]
    return [pb.Message(role=pb.ROLE_TOOL, parts=results)]


def test_a_caller_that_leaves_out_who_said_it_sends_thoughts_to_whoever_wants_some() -> None:
    row = ROWS["deepseek"]
    said = begun("openai", "somebody else")
    for part in said.parts:
        part.ClearField("provider_state")
    asked = pb.ChatRequest(messages=[said, *_text_results(said)])
    first, _, _ = orjson.loads(row.wire("deepseek").encode(asked, "deepseek-flash", stream=False).body)["messages"]
    assert first["reasoning_content"] == f"hm {CANARY}"


@pytest.mark.parametrize(
    ("row", "model"), [("deepseek", "deepseek-flash"), ("moonshot", "kimi-k3"), ("moonshot", "kimi-k2.6")]
)
def test_a_placeholder_stands_for_thoughts_that_another_model_had(row: str, model: str) -> None:
    said = begun("openai", "somebody else")
    question = ROWS[row].wire(row).encode(pb.ChatRequest(messages=[said, *_text_results(said)]), model, stream=False)
    assert orjson.loads(question.body)["messages"][0]["reasoning_content"] == " "
    assert [(change.field, change.action) for change in question.adjustments][-1] == (
        "messages[0].parts[0].reasoning",
        DROPPED,
    )


@pytest.mark.parametrize(
    ("row", "model"), [("deepseek-anthropic", "deepseek-flash"), ("moonshot-anthropic", "kimi-k3")]
)
def test_and_so_it_does_in_the_words_of_the_other_protocol_while_the_model_thinks(row: str, model: str) -> None:
    said = begun("openai", "somebody else")
    asked = pb.ChatRequest(messages=[said, *_text_results(said)], tools=[pb.Tool(name="map")])
    wire = ROWS[row].wire(row)
    turn = orjson.loads(wire.encode(asked, model, stream=False).body)["messages"][1]
    assert [block["type"] for block in turn["content"]] == ["thinking", "text", "tool_use", "tool_use"]
    assert turn["content"][0] == {"type": "thinking", "thinking": "."}
    asked.reasoning.effort = pb.REASONING_EFFORT_OFF
    body = orjson.loads(wire.encode(asked, model, stream=False).body)
    thinks = body.get("thinking", {}).get("type") != "disabled"
    assert any(block["type"] == "thinking" for block in body["messages"][1]["content"]) == thinks


@pytest.mark.parametrize("begun_by", ["openai", "anthropic", "gemini"])
def test_a_first_call_that_google_did_not_sign_is_marked_at_its_other_endpoint_too(begun_by: str) -> None:
    asked = loop(begun_by, "somebody else")
    body = orjson.loads(
        ROWS["gemini-openai"].wire("gemini-openai").encode(asked, "gemini-3.8-flash", stream=False).body
    )
    first, second = body["messages"][1]["tool_calls"]
    assert first["extra_content"] == {"google": {"thought_signature": PLACEHOLDER}}
    assert "extra_content" not in second


def test_but_its_own_signature_stands() -> None:
    asked = loop("openai", "gemini-openai")
    body = orjson.loads(
        ROWS["gemini-openai"].wire("gemini-openai").encode(asked, "gemini-3.8-flash", stream=False).body
    )
    assert body["messages"][1]["tool_calls"][0]["extra_content"] == {"google": {"thought_signature": CANARY}}
