"""Requests that cannot go out, and that no request is changed by trying."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.openai import OpenAI

HELLO = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])


def request(*messages: pb.Message, **fields: Any) -> pb.ChatRequest:
    return pb.ChatRequest(model="fast", messages=messages or [HELLO], **fields)


def body(asked: pb.ChatRequest, *, stream: bool = False, wire: OpenAI | None = None) -> dict[str, Any]:
    encoded: dict[str, Any] = orjson.loads((wire or OpenAI()).encode(asked, "m1", stream=stream).body)
    return encoded


def message(role: pb.Role.ValueType, *parts: pb.Part, name: str = "") -> pb.Message:
    return pb.Message(role=role, parts=parts, name=name)


def refusal(asked: pb.ChatRequest) -> Failure:
    with pytest.raises(Failure) as caught:
        OpenAI().encode(asked, "m1", stream=False)
    return caught.value


MEDIA = pb.Media(url="https://example.com/a.png")


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (
            request(HELLO, HELLO, message(pb.ROLE_USER, pb.Part(image=MEDIA))),
            "messages[2].parts[0].image",
        ),
        (request(message(pb.ROLE_USER, pb.Part(text="a"), pb.Part(file=MEDIA))), "messages[0].parts[1].file"),
        (
            request(message(pb.ROLE_ASSISTANT, pb.Part(provider_block=pb.ProviderBlock(json="{}")))),
            "messages[0].parts[0].provider_block",
        ),
        (
            request(message(pb.ROLE_TOOL, pb.Part(tool_result=pb.ToolResult(images=[MEDIA])))),
            "messages[0].parts[0].tool_result.images",
        ),
        (
            request(message(pb.ROLE_USER, pb.Part(text="a", cache_breakpoint=True))),
            "messages[0].parts[0].cache_breakpoint",
        ),
        (request(reasoning=pb.ReasoningOptions(budget_tokens=0)), "reasoning"),
        (request(provider_options={"openai": "{}"}), "provider_options['openai']"),
    ],
)
def test_what_cannot_be_said_yet_is_refused_by_its_path(asked: pb.ChatRequest, path: str) -> None:
    refused = refusal(asked)
    assert refused.kind == pb.FAILURE_KIND_UNSUPPORTED
    assert refused.detail.startswith(f"{path}: ")


def test_options_for_another_provider_are_not_ours() -> None:
    assert body(request(provider_options={"anthropic": "{}"})) == body(request())
    asked = request(provider_options={"openai": "{}"})
    assert body(asked, wire=OpenAI(provider="groq")) == body(request())


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        (request(message(pb.ROLE_USER, pb.Part())), "messages[0].parts[0]"),
        (request(message(pb.ROLE_UNSPECIFIED, pb.Part(text="a"))), "messages[0].role"),
        (request(message(pb.ROLE_TOOL, pb.Part(text="a"))), "messages[0].parts[0].text"),
        (request(message(pb.ROLE_USER, pb.Part(tool_call=pb.ToolCall()))), "messages[0].parts[0].tool_call"),
        (
            request(message(pb.ROLE_USER, pb.Part(tool_result=pb.ToolResult()))),
            "messages[0].parts[0].tool_result",
        ),
        (request(tools=[pb.Tool(name="f"), pb.Tool(parameters_json="{")]), "tools[1].parameters_json"),
        (request(tool_choice=pb.ToolChoice()), "tool_choice"),
        (request(response_format=pb.ResponseFormat()), "response_format"),
        (
            request(response_format=pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(schema_json="{"))),
            "response_format.json_schema.schema_json",
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_path(asked: pb.ChatRequest, path: str) -> None:
    refused = refusal(asked)
    assert refused.kind == pb.FAILURE_KIND_INVALID_REQUEST
    assert refused.detail.startswith(f"{path}: ")


words = st.text(max_size=8)
jsons = st.sampled_from(["", "{}", '{"type":"object"}', "{", "[1"])
parts = st.one_of(
    st.builds(pb.Part, text=words, cache_breakpoint=st.booleans()),
    st.builds(pb.Part, reasoning=st.builds(pb.Reasoning, text=words)),
    st.builds(pb.Part, tool_call=st.builds(pb.ToolCall, id=words, name=words, arguments_json=words)),
    st.builds(pb.Part, tool_result=st.builds(pb.ToolResult, tool_call_id=words, text=words)),
    st.builds(pb.Part, image=st.builds(pb.Media, url=words)),
    st.builds(pb.Part),
)
requests = st.builds(
    pb.ChatRequest,
    messages=st.lists(
        st.builds(pb.Message, role=st.sampled_from(pb.Role.values()), parts=st.lists(parts, max_size=3), name=words),
        max_size=4,
    ),
    temperature=st.none() | st.floats(),
    seed=st.none() | st.integers(-(2**63), 2**63 - 1),
    top_k=st.none() | st.integers(0, 9),
    stop=st.lists(words, max_size=2),
    tools=st.lists(st.builds(pb.Tool, name=words, parameters_json=jsons, strict=st.none() | st.booleans()), max_size=2),
    tool_choice=st.none() | st.builds(pb.ToolChoice, mode=st.sampled_from(pb.ToolMode.values())),
    provider_options=st.dictionaries(st.sampled_from(["openai", "x"]), jsons),
)


@settings(derandomize=True, max_examples=400, deadline=None)
@given(requests, st.booleans())
def test_a_request_is_never_changed_and_only_ever_refused_with_a_failure(asked: pb.ChatRequest, stream: bool) -> None:
    before = asked.SerializeToString(deterministic=True)
    try:
        outcome = orjson.loads(OpenAI().encode(asked, "m1", stream=stream).body)["model"]
    except Failure as failure:
        outcome = failure.reason
    assert outcome in ("m1", "UNSUPPORTED", "INVALID_REQUEST")
    assert asked.SerializeToString(deterministic=True) == before
