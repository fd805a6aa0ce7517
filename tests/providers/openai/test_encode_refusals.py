"""Requests that cannot go out, and that no request is changed by trying."""

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.choices import EFFORTS, ToolChoice
from service.providers.openai import Dialect, OpenAI
from service.providers.openai.dialect import (
    DROPPABLE,
    EmptyContent,
    ImageIds,
    ReasoningBack,
    ReasoningStyle,
)
from tests.providers.openai.encoding import added, message, refusal, request, said

OPTIONS = "provider_options['vendor']"


def test_options_for_the_provider_are_merged_last() -> None:
    asked = request(
        temperature=1, stop=["a"], provider_options={"vendor": '{"temperature": 3, "n": 2, "x": {"y": null}}'}
    )
    assert added(asked) == {"temperature": 3, "n": 2, "x": {"y": None}, "stop": ["a"]}


def test_options_replace_the_whole_of_what_they_name() -> None:
    asked = request(provider_options={"vendor": '{"stream_options": {"chunks": true}}'})
    assert said(asked, stream=True)["stream_options"] == {"chunks": True}


def test_options_for_another_provider_are_not_ours() -> None:
    assert said(request(provider_options={"other": '{"x": 1}', "": "{"})) == said(request())


@pytest.mark.parametrize(
    "options", ['{"model": "m2"}', '{"messages": []}', '{"stream": true}', "[]", "{", '{"x": NaN}', ""]
)
def test_options_are_an_object_and_leave_alone_what_is_ours(options: str) -> None:
    refused = refusal(request(provider_options={"vendor": options}))
    assert refused.kind == pb.FAILURE_KIND_INVALID_REQUEST
    assert refused.detail.startswith(f"{OPTIONS}: ")


def test_what_is_nested_too_deeply_to_be_written_is_refused() -> None:
    deep = '{"x":' * 500 + "1" + "}" * 500
    refused = refusal(request(provider_options={"vendor": deep}))
    assert refused.kind == pb.FAILURE_KIND_INVALID_REQUEST
    assert refused.detail.startswith("the request: ")


def test_a_deep_schema_is_pruned_as_far_as_anybody_looks() -> None:
    deep = '{"not":' * 200 + '{"minLength":1}' + "}" * 200
    asked = request(tools=[pb.Tool(name="f", parameters_json=deep)])
    assert "minLength" in str(said(asked, schema_drops=frozenset({"minLength"})))


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
        (
            request(message(pb.ROLE_USER, pb.Part(provider_block=pb.ProviderBlock(json="{}")))),
            "messages[0].parts[0].provider_block",
        ),
        (request(tools=[pb.Tool(name="f"), pb.Tool(parameters_json="{")]), "tools[1].parameters_json"),
        (request(tool_choice=pb.ToolChoice()), "tool_choice"),
        (request(response_format=pb.ResponseFormat()), "response_format"),
        (
            request(response_format=pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(schema_json="{"))),
            "response_format.json_schema.schema_json",
        ),
        (request(temperature=float("nan")), "temperature"),
        (request(top_p=float("inf")), "top_p"),
        (request(presence_penalty=float("-inf")), "presence_penalty"),
        (request(frequency_penalty=float("nan")), "frequency_penalty"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_path(asked: pb.ChatRequest, path: str) -> None:
    refused = refusal(asked)
    assert refused.kind == pb.FAILURE_KIND_INVALID_REQUEST
    assert refused.detail.startswith(f"{path}: ")


words = st.text(max_size=8)
jsons = st.sampled_from(
    ["", "{}", '{"type":"object","minLength":1}', '{"a":[{"b":null}]}', "{", "[1", "NaN", "[" * 300]
)
states = st.none() | st.builds(
    pb.ProviderState,
    issuer=st.sampled_from(["vendor", "x"]),
    data=st.sampled_from([b"", b"\xff", b"{}", b'{"reasoning_details":[1]}', b'{"content":1,"id":[]}', b"[" * 300]),
)
media = st.one_of(
    st.builds(pb.Media, url=words, detail=words),
    st.builds(pb.Media, data=st.binary(max_size=4), media_type=words, filename=words),
    st.builds(pb.Media, provider_file_id=words),
    st.builds(pb.Media),
)
results = st.builds(pb.ToolResult, tool_call_id=words, text=words, images=st.lists(media, max_size=2))
said_aloud = st.builds(pb.Part, text=words, cache_breakpoint=st.booleans(), provider_state=states)
shown = st.builds(pb.Part, image=media, cache_breakpoint=st.booleans()) | st.builds(pb.Part, file=media)
of_a_model = st.one_of(
    st.builds(pb.Part, reasoning=st.builds(pb.Reasoning, text=words), provider_state=states),
    st.builds(
        pb.Part,
        tool_call=st.builds(pb.ToolCall, id=words, name=words, arguments_json=words),
        provider_state=states,
    ),
    st.builds(pb.Part, provider_block=st.builds(pb.ProviderBlock, issuer=st.sampled_from(["vendor", "x"]), json=jsons)),
)
returned = st.builds(pb.Part, tool_result=results, cache_breakpoint=st.booleans())
anything = said_aloud | shown | of_a_model | returned | st.builds(pb.Part)


def spoken(role: pb.Role.ValueType, parts: st.SearchStrategy[pb.Part]) -> st.SearchStrategy[pb.Message]:
    return st.builds(pb.Message, role=st.just(role), parts=st.lists(parts, max_size=3), name=words)


messages = st.one_of(
    spoken(pb.ROLE_SYSTEM, said_aloud),
    spoken(pb.ROLE_USER, said_aloud | shown),
    spoken(pb.ROLE_ASSISTANT, said_aloud | of_a_model),
    spoken(pb.ROLE_TOOL, returned),
    spoken(pb.ROLE_UNSPECIFIED, anything) | spoken(pb.ROLE_USER, anything),
)
numbers = st.none() | st.floats()
choices = st.builds(pb.ToolChoice, mode=st.sampled_from(pb.ToolMode.values())) | st.builds(
    pb.ToolChoice, tool_name=words
)
requests = st.builds(
    pb.ChatRequest,
    messages=st.lists(messages, max_size=4),
    temperature=numbers,
    top_p=numbers,
    frequency_penalty=numbers,
    seed=st.none() | st.integers(-(2**63), 2**63 - 1),
    top_k=st.none() | st.integers(0, 9),
    max_output_tokens=st.none() | st.integers(0, 99),
    stop=st.lists(words, max_size=2),
    tools=st.lists(st.builds(pb.Tool, name=words, parameters_json=jsons, strict=st.none() | st.booleans()), max_size=2),
    tool_choice=st.none() | choices,
    parallel_tool_calls=st.none() | st.booleans(),
    response_format=st.none()
    | st.builds(pb.ResponseFormat, json_schema=st.builds(pb.JsonSchemaFormat, name=words, schema_json=jsons))
    | st.just(pb.ResponseFormat(json_object=pb.JsonObjectFormat())),
    reasoning=st.none()
    | st.builds(pb.ReasoningOptions, effort=st.sampled_from(pb.ReasoningEffort.values()), include_text=st.booleans())
    | st.builds(pb.ReasoningOptions, budget_tokens=st.integers(-1, 9999)),
    provider_options=st.dictionaries(st.sampled_from(["vendor", "x"]), jsons, max_size=1),
    end_user=words,
)
droppable = st.frozensets(st.sampled_from(sorted(DROPPABLE)))
sayable = st.frozensets(st.sampled_from(ToolChoice))
either = st.booleans()
dialects = st.builds(
    Dialect,
    drops=droppable,
    thinking_drops=droppable,
    max_tokens_most=st.none() | st.just(5),
    temperature_most=st.sampled_from([1.0, 2.0]),
    top_k=either,
    stop_most=st.integers(0, 2),
    stop_bytes=st.none() | st.integers(0, 9),
    flatten_text=either,
    empty_content=st.sampled_from(EmptyContent),
    prefill_field=st.sampled_from(["", "prefix"]),
    images=either,
    image_urls=either,
    image_ids=st.sampled_from(ImageIds),
    tool_images=either,
    file_urls=either,
    cache_control=either,
    reasoning_back=st.sampled_from(ReasoningBack),
    reasoning_placeholder=st.sampled_from(["", " "]),
    tool_choices=sayable,
    thinking_tool_choices=sayable,
    schema_drops=st.just(frozenset({"minLength"})),
    json_object=either,
    json_schema=either,
    json_word=either,
    reasoning=st.sampled_from(ReasoningStyle),
    efforts=st.lists(st.sampled_from(EFFORTS), max_size=3).map(tuple),
    budget_field=st.sampled_from(["", "thinking_budget"]),
    always_thinks=either,
    thinks_by_default=either,
)


@settings(derandomize=True, max_examples=500, deadline=None)
@given(requests, dialects, st.booleans())
def test_a_request_is_never_changed_and_only_ever_refused_with_a_failure(
    asked: pb.ChatRequest, dialect: Dialect, stream: bool
) -> None:
    before = asked.SerializeToString(deterministic=True)
    outcome = sent_or_refused(asked, dialect, stream)
    assert outcome in ("sent", "UNSUPPORTED", "INVALID_REQUEST")
    assert asked.SerializeToString(deterministic=True) == before


def sent_or_refused(asked: pb.ChatRequest, dialect: Dialect, stream: bool) -> str:
    """What became of the request, once what is sent is known to be sound."""
    try:
        question = OpenAI(dialect, provider="vendor").encode(asked, "m1", stream=stream)
    except Failure as failure:
        return failure.reason
    body: dict[str, Any] = orjson.loads(question.body)
    assert body["model"] == "m1"
    assert body.get("stream", False) is stream
    assert all(one["role"] in ("system", "user", "assistant", "tool") for one in body["messages"])
    assert all(adjustment.field and adjustment.action and adjustment.detail for adjustment in question.adjustments)
    return "sent"
