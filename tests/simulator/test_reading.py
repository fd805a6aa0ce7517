"""A strict reading of requests: what is refused, and with which param."""

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.simulator.openai.reading import read_question
from service.simulator.refusal import Refusal

USER = {"role": "user", "content": "hello"}
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
CALLING = {"role": "assistant", "content": None, "tool_calls": [CALL]}
RESULT = {"role": "tool", "tool_call_id": "c1", "content": "3"}
SMELL = {"role": "user", "content": [{"type": "smell"}]}
BAD_TOOL = {"type": "function", "function": {"name": "a b"}}
OTHER = {"type": "function", "function": {"name": "g"}}
TOOL = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}


CLOSED = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
STRICT = "tools[0].function.parameters"


def strict(parameters: dict[str, Any]) -> dict[str, Any]:
    return {"type": "function", "function": {"name": "f", "parameters": parameters, "strict": True}}


def picture(address: object) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "image_url", "image_url": address}]}


def refused(body: object) -> tuple[str | None, str | None]:
    with pytest.raises(Refusal) as raised:
        read_question(orjson.dumps(body))
    return raised.value.param, raised.value.code


def valid(**more: Any) -> dict[str, Any]:
    return {"model": "chat", "messages": [USER], **more}


@pytest.mark.parametrize(
    "more",
    [
        {"temperature": 0.5, "top_p": 1, "seed": 7, "presence_penalty": -2, "frequency_penalty": 2, "n": 1},
        {"max_completion_tokens": 2, "stop": "x", "user": "u", "reasoning_effort": "low"},
        {"stream": True, "stream_options": {"include_usage": True}, "stop": ["a", "b"]},
        {"tools": [TOOL], "tool_choice": "auto", "parallel_tool_calls": False},
        {"tools": [TOOL], "tool_choice": {"type": "function", "function": {"name": "f"}}},
        {
            "thinking": {"type": "enabled"},
            "enable_thinking": True,
            "top_k": 4,
            "metadata": {},
            "store": False,
        },
        {"temperature": None, "stop": None, "tools": None, "stream": None, "response_format": None},
        {"response_format": {"type": "json_object"}, "service_tier": "flex", "logit_bias": {}},
        {"messages": [USER, CALLING, RESULT, USER]},
        {"n": 2, "stream_options": {"include_usage": True}, "tools": [strict(CLOSED), {"function": {"name": "g"}}]},
        {"messages": [picture({"url": "data:image/png;base64,iVBORw0KGgoAAAAN"}), picture("https://example.com/a")]},
        {
            "messages": [
                {"role": "developer", "content": "be brief"},
                USER,
                {"role": "assistant", "content": "a"},
            ]
        },
    ],
)
def test_what_the_dialect_knows_is_accepted(more: dict[str, Any]) -> None:
    assert read_question(orjson.dumps(valid(**more))).model == "chat"


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ([], None, "invalid_type"),
        ({"messages": [USER]}, "model", "missing_required_parameter"),
        ({"model": "chat"}, "messages", "missing_required_parameter"),
        (valid(model=""), "model", "invalid_value"),
        (valid(model=3), "model", "invalid_type"),
        (valid(messages=[]), "messages", "empty_array"),
        (valid(messages="hello"), "messages", "invalid_type"),
        (valid(max_tokns=3), "max_tokns", "unknown_parameter"),
        (valid(stream="yes"), "stream", "invalid_type"),
        (valid(max_tokens=1, max_completion_tokens=2), "max_tokens", "invalid_parameter_combination"),
        (valid(temperature=3), "temperature", "decimal_above_max_value"),
        (valid(presence_penalty=-3), "presence_penalty", "decimal_below_min_value"),
        (valid(temperature=True), "temperature", "invalid_type"),
        (valid(max_tokens=0), "max_tokens", "integer_below_min_value"),
        (valid(max_tokens=1.5), "max_tokens", "invalid_type"),
        (valid(n=129), "n", "integer_above_max_value"),
        (valid(stop=["a", ""]), "stop", "invalid_value"),
        (valid(response_format={"type": "xml"}), "response_format", "invalid_value"),
        (valid(tools=[{"type": "function"}]), "tools[0].function", "missing_required_parameter"),
        (valid(tools=[BAD_TOOL]), "tools[0].function.name", "invalid_value"),
        (valid(tool_choice="auto"), "tool_choice", "invalid_value"),
        (valid(tools=[TOOL], tool_choice=OTHER), "tool_choice", "invalid_value"),
        (valid(tools=[TOOL], tool_choice="maybe"), "tool_choice", "invalid_value"),
        (valid(messages=[{"content": "hello"}]), "messages[0].role", "missing_required_parameter"),
        (valid(messages=[{"role": "robot", "content": "x"}]), "messages[0].role", "invalid_value"),
        (valid(messages=[{"role": "user"}]), "messages[0].content", "missing_required_parameter"),
        (valid(messages=[{"role": "assistant"}]), "messages[0].content", "missing_required_parameter"),
        (valid(messages=[{**USER, "colour": 1}]), "messages[0].colour", "unknown_parameter"),
        (valid(messages=[SMELL]), "messages[0].content[0].type", "invalid_value"),
        (valid(messages=[picture({})]), "messages[0].content[0].image_url.url", "missing_required_parameter"),
        (valid(messages=[picture("data:image/png;base64,SGVsbG8=")]), None, "invalid_image_format"),
        (valid(messages=[picture("data:image/png,x")]), None, "invalid_image_format"),
        (valid(messages=[{"role": "user", "content": [{"text": "a"}]}]), "messages[0].content[0].type",
         "missing_required_parameter"),
        (valid(tools=[strict({**CLOSED, "additionalProperties": True})]), STRICT, "invalid_function_parameters"),
        (valid(tools=[strict({**CLOSED, "required": []})]), STRICT, "invalid_function_parameters"),
        (valid(tools=[strict({"type": "array", "items": {"type": "object"}})]), STRICT, "invalid_function_parameters"),
        (valid(messages=[USER, RESULT]), "messages[1].tool_call_id", "invalid_value"),
        (valid(messages=[USER, CALLING, RESULT, RESULT]), "messages[3].tool_call_id", "invalid_value"),
        (valid(messages=[USER, CALLING, USER]), "messages[2]", None),
        (valid(messages=[USER, CALLING]), "messages[1]", None),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_at_its_place(body: object, param: str | None, code: str | None) -> None:
    assert refused(body) == (param, code)


def test_what_is_not_json_is_refused() -> None:
    for body in (b"", b"{", b'{"a": NaN}', b"\xff"):
        with pytest.raises(Refusal, match="not valid JSON"):
            read_question(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["user", "tool", "function", "text", "f"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "function", "name", "tool_calls", "id", "tools", "text"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(
    st.dictionaries(st.sampled_from(["messages", "tools", "tool_choice", "response_format", "stop", "stream"]), JSON)
)
def test_no_request_confuses_the_reader(more: dict[str, Any]) -> None:
    with suppress(Refusal):
        read_question(orjson.dumps(valid(**more)))
