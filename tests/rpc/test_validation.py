"""What is refused, and how it is told."""

import time
from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration

from mainstay import v1 as pb
from service.rpc.validation import violations_of
from service.rpc.validation.message import SPEAKERS
from service.rpc.validation.request import CHECKS, RANGES

HELLO = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])
TOOL = pb.Tool(name="weather", parameters_json='{"type":"object"}')
ASK = pb.Part(tool_call=pb.ToolCall(id="c1", name="weather"))


def request(*messages: pb.Message, **fields: Any) -> pb.ChatRequest:
    return pb.ChatRequest(**{"model": "fast", "messages": messages or [HELLO], **fields})


def told(request: pb.ChatRequest) -> dict[str, str]:
    return {violation.field: violation.description for violation in violations_of(request)}


def message(role: pb.Role.ValueType, *parts: pb.Part) -> pb.Message:
    return pb.Message(role=role, parts=parts)


def test_an_ordinary_request_is_fine() -> None:
    loop = [
        message(pb.ROLE_SYSTEM, pb.Part(text="be brief")),
        HELLO,
        message(pb.ROLE_ASSISTANT, pb.Part(reasoning=pb.Reasoning(text="hm")), ASK),
        message(pb.ROLE_TOOL, pb.Part(tool_result=pb.ToolResult(tool_call_id="c1", text="sunny"))),
    ]
    fine = request(
        *loop,
        temperature=0.0,
        top_p=1.0,
        top_k=1,
        max_output_tokens=1,
        presence_penalty=-2.0,
        frequency_penalty=2.0,
        stop=["\n"],
        tools=[TOOL],
        tool_choice=pb.ToolChoice(tool_name="weather"),
        response_format=pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="s", schema_json="{}")),
        reasoning=pb.ReasoningOptions(effort=pb.REASONING_EFFORT_LOW),
        policy=pb.CallPolicy(stall_timeout=Duration(nanos=1000), max_attempts=1, cache=pb.CACHE_MODE_USE),
        labels={"team": "search"},
        provider_options={"openai": "{}"},
        end_user="u1",
    )
    assert told(fine) == {}


def test_an_empty_request_is_told_everything_it_lacks() -> None:
    assert set(told(pb.ChatRequest())) == {"model", "messages"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"temperature": float("inf")}, "temperature"),
        ({"top_p": -0.1}, "top_p"),
        ({"top_k": 0}, "top_k"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"presence_penalty": -2.5}, "presence_penalty"),
        ({"frequency_penalty": 3.0}, "frequency_penalty"),
        ({"stop": [""]}, "stop[0]"),
        ({"stop": ["x"] * 17}, "stop"),
        ({"stop": ["x" * 257]}, "stop[0]"),
        ({"model": "m" * 257}, "model"),
        ({"tools": [TOOL] * 129}, "tools"),
        ({"tools": [TOOL, TOOL]}, "tools[1].name"),
        ({"tools": [pb.Tool(name="has space")]}, "tools[0].name"),
        ({"tools": [pb.Tool(name="")]}, "tools[0].name"),
        ({"tools": [pb.Tool(name="t", parameters_json="{")]}, "tools[0].parameters_json"),
        ({"tools": [pb.Tool(name="t", parameters_json="[]")]}, "tools[0].parameters_json"),
        ({"tools": [pb.Tool(name="t", description="d" * 16_385)]}, "tools[0].description"),
        ({"tool_choice": pb.ToolChoice()}, "tool_choice"),
        ({"tool_choice": pb.ToolChoice(tool_name="nobody")}, "tool_choice.tool_name"),
        ({"tool_choice": pb.ToolChoice(mode=pb.TOOL_MODE_REQUIRED)}, "tool_choice.mode"),
        ({"tool_choice": pb.ToolChoice(mode=99)}, "tool_choice.mode"),  # type: ignore[arg-type]
        ({"response_format": pb.ResponseFormat()}, "response_format"),
        (
            {"response_format": pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="s", schema_json="no"))},
            "response_format.json_schema.schema_json",
        ),
        ({"reasoning": pb.ReasoningOptions(effort=99)}, "reasoning.effort"),  # type: ignore[arg-type]
        ({"reasoning": pb.ReasoningOptions(budget_tokens=-1)}, "reasoning.budget_tokens"),
        ({"policy": pb.CallPolicy(stall_timeout=Duration())}, "policy.stall_timeout"),
        ({"policy": pb.CallPolicy(stall_timeout=Duration(seconds=-1))}, "policy.stall_timeout"),
        ({"policy": pb.CallPolicy(attempt_timeout=Duration(nanos=1))}, "policy.attempt_timeout"),
        ({"policy": pb.CallPolicy(first_token_timeout=Duration(seconds=2**62))}, "policy.first_token_timeout"),
        ({"policy": pb.CallPolicy(max_attempts=0)}, "policy.max_attempts"),
        ({"policy": pb.CallPolicy(cache=99)}, "policy.cache"),  # type: ignore[arg-type]
        ({"labels": {str(number): "" for number in range(65)}}, "labels"),
        ({"labels": {"k": "v" * 257}}, "labels['k']"),
        ({"provider_options": {"openai": "[]"}}, "provider_options['openai']"),
        ({"end_user": "u" * 257}, "end_user"),
    ],
)
def test_a_field_out_of_its_bounds_is_named(fields: dict[str, Any], field: str) -> None:
    assert set(told(request(**fields))) == {field}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (pb.Message(parts=[pb.Part(text="hi")]), "messages[1].role"),
        (pb.Message(role=99, parts=[pb.Part(text="hi")]), "messages[1].role"),  # type: ignore[arg-type]
        (pb.Message(role=pb.ROLE_USER), "messages[1].parts"),
        (message(pb.ROLE_USER, *[pb.Part(text="x")] * 257), "messages[1].parts"),
        (message(pb.ROLE_USER, pb.Part()), "messages[1].parts[0]"),
        (message(pb.ROLE_USER, pb.Part(image=pb.Media())), "messages[1].parts[0].image"),
        (message(pb.ROLE_USER, pb.Part(image=pb.Media(url="file:///x"))), "messages[1].parts[0].image.url"),
        (message(pb.ROLE_USER, pb.Part(file=pb.Media(data=b"x"))), "messages[1].parts[0].file.media_type"),
        (
            message(pb.ROLE_ASSISTANT, pb.Part(tool_call=pb.ToolCall(id="c"))),
            "messages[1].parts[0].tool_call.name",
        ),
        (
            message(pb.ROLE_ASSISTANT, pb.Part(tool_call=pb.ToolCall(name="f"))),
            "messages[1].parts[0].tool_call.id",
        ),
        (
            message(pb.ROLE_TOOL, pb.Part(tool_result=pb.ToolResult(tool_call_id="never"))),
            "messages[1].parts[0].tool_result.tool_call_id",
        ),
        (
            message(pb.ROLE_ASSISTANT, pb.Part(provider_block=pb.ProviderBlock(json="{}"))),
            "messages[1].parts[0].provider_block.issuer",
        ),
    ],
)
def test_a_wrong_message_is_named_by_its_path(wrong: pb.Message, field: str) -> None:
    assert set(told(request(HELLO, wrong))) == {field}


@pytest.mark.parametrize("kind", SPEAKERS)
def test_each_kind_of_part_belongs_to_some_roles_only(kind: str) -> None:
    part = pb.Part()
    if kind == "text":
        part.text = "hi"
    else:
        getattr(part, kind).SetInParent()
    for role in set(pb.Role.values()) - {pb.ROLE_UNSPECIFIED}:
        misplaced = f"messages[0].parts[0].{kind}" in {
            violation.field
            for violation in violations_of(request(message(role, part)))
            if "does not belong" in violation.description
        }
        assert misplaced == (role not in SPEAKERS[kind])


def test_too_many_messages_are_one_violation_that_names_the_limit() -> None:
    violations = violations_of(request(*[pb.Message()] * 10_000))
    assert [(v.field, v.description) for v in violations] == [("messages", "10,000 messages; the limit is 2,000")]
    assert violations.only_limits


def test_every_violation_is_counted_and_twenty_are_told() -> None:
    violations = violations_of(request(*[pb.Message(role=pb.ROLE_USER)] * 200))
    assert violations.count == 200
    assert len(list(violations)) == 20
    assert not violations.only_limits


def test_unknown_fields_are_named_by_path_and_number() -> None:
    wire = request().SerializeToString() + b"\xf8\x3f\x01"  # field 1023, varint 1
    deep = pb.ChatRequest.FromString(wire)
    inner = pb.Part.FromString(pb.Part(text="hi").SerializeToString() + b"\xf8\x3f\x01")
    deep.messages.append(message(pb.ROLE_USER, inner))
    assert set(told(deep)) == {"#1023", "messages[1].parts[0].#1023"}


def test_labels_may_hold_anything_printable_without_being_taken_for_unknown_fields() -> None:
    assert told(request(labels={"键": "值"}, provider_options={"openai": '{"a": [1]}'})) == {}


def costly(name: str) -> pb.ChatRequest:
    match name:
        case "unknown fields":
            return pb.ChatRequest.FromString(request().SerializeToString() + b"\xf8\x7f\x01" * 1_000_000)
        case "parts":
            return request(*[message(pb.ROLE_USER, *[pb.Part()] * 256)] * 200)
        case "images":
            result = pb.ToolResult(tool_call_id="c1", images=[pb.Media()] * 500_000)
            return request(message(pb.ROLE_ASSISTANT, ASK), message(pb.ROLE_TOOL, pb.Part(tool_result=result)))
        case _:
            raise AssertionError(name)


@pytest.mark.parametrize("name", ["unknown fields", "parts", "images"])
def test_a_request_that_would_take_long_to_look_at_is_refused_by_its_size(name: str) -> None:
    wrong = costly(name)
    began = time.process_time()
    assert violations_of(wrong).count == 1
    assert time.process_time() - began < 0.25


def with_schema(text: str) -> pb.ChatRequest:
    return request(response_format=pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="s", schema_json=text)))


SCHEMA = "response_format.json_schema.schema_json"
HOSTILE = {
    "5,000 levels": ('{"properties":{"a":' * 5000 + "{}" + "}}" * 5000, "nested too deeply"),
    "65 levels": ('{"a":' * 65 + "1" + "}" * 65, "the limit is 64 levels"),
    "65 lists": ('{"enum":' + "[" * 64 + "1" + "]" * 64 + "}", "the limit is 64 levels"),
    "refers to a server": ('{"allOf": [{"$ref": "http://127.0.0.1/x"}]}', "nothing is fetched"),
    "refers to a file": ('{"properties": {"a": {"items": {"$ref": "file:///etc/passwd"}}}}', "nothing is fetched"),
    "refers to something near": ('{"if": {"$ref": "other.json#/a"}}', "put it into $defs"),
    "refers elsewhere in motion": ('{"$defs": {"const": {"$dynamicRef": "http://127.0.0.1/x"}}}', "nothing is fetched"),
    "refers to a number": ('{"$ref": 5}', "refers to 5"),
}


@pytest.mark.parametrize(("text", "word"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_schema_is_refused_at_once_with_what_to_do(text: str, word: str) -> None:
    began = time.process_time()
    descriptions = told(with_schema(text))
    assert time.process_time() - began < 0.05
    assert descriptions.keys() == {SCHEMA}
    assert word in descriptions[SCHEMA]


def test_too_many_levels_are_a_limit_and_a_reference_elsewhere_is_a_mistake() -> None:
    assert violations_of(with_schema('{"a":' * 65 + "1" + "}" * 65)).only_limits
    assert not violations_of(with_schema('{"$ref": "http://127.0.0.1/x"}')).only_limits


@pytest.mark.parametrize(
    "text",
    [
        '{"a":' * 64 + "1" + "}" * 64,
        '{"$defs": {"a": {"type": "string"}}, "properties": {"b": {"$ref": "#/$defs/a"}}, "items": {"$ref": "#"}}',
        '{"properties": {"$ref": {"type": "string"}}, "default": {"$ref": "http://127.0.0.1/x"}}',
        '{"enum": [{"$ref": "http://127.0.0.1/x"}], "const": {"$ref": 5}}',
        '{"$id": "https://example.com/mine", "$schema": "https://json-schema.org/draft/2020-12/schema"}',
    ],
)
def test_an_ordinary_schema_is_fine(text: str) -> None:
    assert told(with_schema(text)) == {}


def test_the_schema_of_a_tool_is_no_deeper_either_and_may_refer_to_whatever_it_likes() -> None:
    deep = '{"a":' * 65 + "1" + "}" * 65
    assert "64 levels" in told(request(tools=[pb.Tool(name="f", parameters_json=deep)]))["tools[0].parameters_json"]
    assert told(request(tools=[pb.Tool(name="f", parameters_json='{"$ref": "http://127.0.0.1/x"}')])) == {}


def test_the_schemas_of_all_tools_have_a_limit_of_their_own() -> None:
    large = '{"enum": [' + ",".join(["[]"] * 80_000) + "]}"
    tools = [pb.Tool(name=f"f{number}", parameters_json=large) for number in range(5)]
    began = time.process_time()
    assert told(request(tools=tools)) == {"tools": "1,200,055 characters of schemas; the limit is 1,048,576"}
    assert time.process_time() - began < 0.05


def test_every_field_is_looked_at() -> None:
    free = {"seed", "parallel_tool_calls"}
    fields = {field.name for field in pb.ChatRequest.DESCRIPTOR.fields}
    assert fields == RANGES.keys() | CHECKS.keys() | free
