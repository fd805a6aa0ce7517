"""Requests as they go out."""

from typing import Any

import orjson
import pytest

from mainstay import v1 as pb
from service.providers.openai import Dialect, OpenAI

HELLO = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])


def request(*messages: pb.Message, **fields: Any) -> pb.ChatRequest:
    return pb.ChatRequest(model="fast", messages=messages or [HELLO], **fields)


def body(asked: pb.ChatRequest, *, stream: bool = False, wire: OpenAI | None = None) -> dict[str, Any]:
    encoded: dict[str, Any] = orjson.loads((wire or OpenAI()).encode(asked, "m1", stream=stream).body)
    return encoded


def message(role: pb.Role.ValueType, *parts: pb.Part, name: str = "") -> pb.Message:
    return pb.Message(role=role, parts=parts, name=name)


def test_a_bare_request_says_nothing_that_was_not_asked_for() -> None:
    assert body(request()) == {"model": "m1", "messages": [{"role": "user", "content": "hello"}]}
    assert OpenAI().encode(request(), "m1", stream=False).path == "/chat/completions"


def test_a_streamed_request_asks_for_usage_too() -> None:
    assert body(request(), stream=True).items() >= {"stream": True, "stream_options": {"include_usage": True}}.items()


def test_every_parameter_has_its_place() -> None:
    asked = request(
        temperature=0.0,
        top_p=0.5,
        max_output_tokens=9,
        stop=["a", "b"],
        seed=-7,
        presence_penalty=1.0,
        frequency_penalty=-1.0,
        parallel_tool_calls=False,
        end_user="u",
        labels={"never": "sent"},
    )
    assert body(asked) == body(request()) | {
        "temperature": 0.0,
        "top_p": 0.5,
        "max_tokens": 9,
        "stop": ["a", "b"],
        "seed": -7,
        "presence_penalty": 1.0,
        "frequency_penalty": -1.0,
        "parallel_tool_calls": False,
        "user": "u",
    }


def test_the_output_limit_is_named_as_the_dialect_says() -> None:
    wire = OpenAI(Dialect(max_tokens_field="max_completion_tokens"))
    said = body(request(max_output_tokens=9), wire=wire)
    assert said["max_completion_tokens"] == 9
    assert "max_tokens" not in said


def test_what_the_protocol_lacks_is_dropped_and_reported() -> None:
    question = OpenAI().encode(request(top_k=3), "m1", stream=False)
    assert b"top_k" not in question.body
    assert [(a.field, a.action) for a in question.adjustments] == [("top_k", pb.ADJUSTMENT_ACTION_DROPPED)]
    assert OpenAI().encode(request(), "m1", stream=False).adjustments == []


def test_a_conversation_with_tools_is_written_turn_by_turn() -> None:
    call = pb.Part(tool_call=pb.ToolCall(id="a", name="f", arguments_json='{"x": 1}'))
    other = pb.Part(tool_call=pb.ToolCall(id="b", name="g"))
    conversation = request(
        message(pb.ROLE_SYSTEM, pb.Part(text="be brief")),
        message(pb.ROLE_USER, pb.Part(text="one"), pb.Part(text="two"), name="ann"),
        message(pb.ROLE_ASSISTANT, pb.Part(reasoning=pb.Reasoning(text="hm")), call, other),
        message(
            pb.ROLE_TOOL,
            pb.Part(tool_result=pb.ToolResult(tool_call_id="a", text="1")),
            pb.Part(tool_result=pb.ToolResult(tool_call_id="b", text="no", is_error=True)),
        ),
        message(pb.ROLE_ASSISTANT, pb.Part(text="done", provider_state=pb.ProviderState(issuer="x", data=b"s"))),
    )
    function = {"name": "f", "arguments": '{"x": 1}'}
    assert body(conversation)["messages"] == [
        {"role": "system", "content": "be brief"},
        {
            "role": "user",
            "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
            "name": "ann",
        },
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [
                {"id": "a", "type": "function", "function": function},
                {"id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}},
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "1"},
        {"role": "tool", "tool_call_id": "b", "content": "no"},
        {"role": "assistant", "content": "done"},
    ]


def test_a_tool_that_failed_without_a_word_is_said_to_have_failed() -> None:
    call = message(pb.ROLE_ASSISTANT, pb.Part(tool_call=pb.ToolCall(id="a", name="f")))
    for text, content in (("", "The tool failed."), ("no", "no")):
        failed = pb.Part(tool_result=pb.ToolResult(tool_call_id="a", text=text, is_error=True))
        told = body(request(call, message(pb.ROLE_TOOL, failed)))["messages"]
        assert told[1] == {"role": "tool", "tool_call_id": "a", "content": content}


def test_a_turn_of_nothing_but_thoughts_is_left_out() -> None:
    thought = message(pb.ROLE_ASSISTANT, pb.Part(reasoning=pb.Reasoning(text="hm")))
    assert body(request(HELLO, thought)) == body(request())
    thought.name = "ann"
    assert body(request(HELLO, thought)) == body(request())


def test_tools_are_embedded_as_they_were_written() -> None:
    schema = '{"type": "object", "properties": {"n": {"const": 12345678901234567890123}}}'
    asked = request(tools=[pb.Tool(name="f", description="d", parameters_json=schema, strict=True), pb.Tool(name="g")])
    assert schema.encode() in OpenAI().encode(asked, "m1", stream=False).body
    f, g = (tool["function"] for tool in body(asked)["tools"])
    assert (f["name"], f["description"], f["strict"]) == ("f", "d", True)
    assert g == {"name": "g", "parameters": {"type": "object", "properties": {}}}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (pb.ToolChoice(mode=pb.TOOL_MODE_AUTO), "auto"),
        (pb.ToolChoice(mode=pb.TOOL_MODE_NONE), "none"),
        (pb.ToolChoice(mode=pb.TOOL_MODE_REQUIRED), "required"),
        (pb.ToolChoice(tool_name="f"), {"type": "function", "function": {"name": "f"}}),
    ],
)
def test_every_tool_choice_can_be_said(choice: pb.ToolChoice, expected: object) -> None:
    assert body(request(tool_choice=choice))["tool_choice"] == expected


def test_the_form_of_the_answer_can_be_said() -> None:
    some = pb.ResponseFormat(json_object=pb.JsonObjectFormat())
    assert body(request(response_format=some))["response_format"] == {"type": "json_object"}
    schema = pb.JsonSchemaFormat(name="s", schema_json='{"type":"object"}', strict=False)
    assert body(request(response_format=pb.ResponseFormat(json_schema=schema)))["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "s", "schema": {"type": "object"}, "strict": False},
    }
