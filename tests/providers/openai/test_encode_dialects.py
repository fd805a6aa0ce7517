"""What every knob of a dialect does to a request, and that it is reported."""

from dataclasses import fields
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.call_ids import IdShape
from service.providers.choices import ToolChoice
from service.providers.openai import Dialect
from service.providers.openai.dialect import (
    DROPPABLE,
    EmptyContent,
    ImageIds,
    ReasoningBack,
    ReasoningStyle,
)
from tests.providers.openai.encoding import (
    CLAMPED,
    DOWNGRADED,
    DROPPED,
    HELLO,
    added,
    called,
    changes,
    message,
    refusal,
    request,
    result,
    said,
)

TOOL = pb.Tool(name="f", parameters_json='{"type":"object"}', strict=True)
SCHEMA = pb.ResponseFormat(
    json_schema=pb.JsonSchemaFormat(name="s", schema_json='{"type": "object", "title": "T"}', strict=True)
)
OBJECT = pb.ResponseFormat(json_object=pb.JsonObjectFormat())
EVERYTHING = request(
    message(pb.ROLE_USER, pb.Part(text="hello"), name="ann"),
    temperature=0.5,
    top_p=0.5,
    seed=1,
    stop=["a"],
    presence_penalty=1.0,
    frequency_penalty=1.0,
    max_output_tokens=9,
    tools=[TOOL],
    tool_choice=pb.ToolChoice(mode=pb.TOOL_MODE_REQUIRED),
    parallel_tool_calls=True,
    response_format=SCHEMA,
    end_user="someone",
)
WORDS = {"end_user": "user", "max_output_tokens": "max_tokens"}
CALLING = message(pb.ROLE_ASSISTANT, called())
ANSWERED = message(pb.ROLE_TOOL, result())
PICTURE = pb.Media(url="https://example.com/a.png")
SHOWN = message(pb.ROLE_TOOL, result(images=[PICTURE]))
THINKING: dict[str, Any] = {"thinks_by_default": True}
ASKED_TO_THINK = pb.ReasoningOptions(effort=pb.REASONING_EFFORT_LOW)
EFFORT = {"reasoning": ReasoningStyle.EFFORT}

KNOBS: dict[str, tuple[dict[str, Any], pb.ChatRequest]] = {
    "drops": ({"drops": DROPPABLE}, EVERYTHING),
    "max_tokens_field": ({"max_tokens_field": "x"}, EVERYTHING),
    "max_tokens_most": ({"max_tokens_most": 5}, EVERYTHING),
    "temperature_least": ({"temperature_least": 0.6}, EVERYTHING),
    "temperature_most": ({"temperature_most": 0.4}, EVERYTHING),
    "top_p_least": ({"top_p_least": 0.6}, EVERYTHING),
    "top_p_most": ({"top_p_most": 0.4}, EVERYTHING),
    "top_k": ({"top_k": True}, request(top_k=3)),
    "seed_field": ({"seed_field": "x"}, EVERYTHING),
    "stop_most": ({"stop_most": 0}, EVERYTHING),
    "stop_bytes": ({"stop_bytes": 0}, EVERYTHING),
    "end_user_field": ({"end_user_field": "x"}, EVERYTHING),
    "end_user_least": ({"end_user_least": 9}, EVERYTHING),
    "end_user_most": ({"end_user_most": 6}, EVERYTHING),
    "system_role": ({"system_role": "x"}, request(message(pb.ROLE_SYSTEM, pb.Part(text="a")))),
    "flatten_text": ({"flatten_text": True}, request(message(pb.ROLE_USER, pb.Part(text="a"), pb.Part(text="b")))),
    "empty_content": ({"empty_content": EmptyContent.NULL}, request(CALLING, ANSWERED)),
    "prefill_field": ({"prefill_field": "x"}, request(message(pb.ROLE_ASSISTANT, pb.Part(text="a")))),
    "images": ({"images": False}, request(message(pb.ROLE_USER, pb.Part(image=PICTURE)))),
    "image_urls": ({"image_urls": False}, request(message(pb.ROLE_USER, pb.Part(image=PICTURE)))),
    "image_ids": (
        {"image_ids": ImageIds.URL},
        request(message(pb.ROLE_USER, pb.Part(image=pb.Media(provider_file_id="a")))),
    ),
    "tool_images": ({"tool_images": True}, request(CALLING, SHOWN)),
    "call_ids": ({"call_ids": IdShape(least=2)}, request(CALLING, ANSWERED)),
    "unsigned_call": ({"unsigned_call": {"x": 1}}, request(CALLING, ANSWERED)),
    "files": ({"files": False}, request(message(pb.ROLE_USER, pb.Part(file=pb.Media(provider_file_id="a"))))),
    "file_urls": ({"file_urls": True}, request(message(pb.ROLE_USER, pb.Part(file=PICTURE)))),
    "cache_control": (
        {"cache_control": True},
        request(message(pb.ROLE_USER, pb.Part(text="a", cache_breakpoint=True))),
    ),
    "reasoning_back": (
        {"reasoning_back": ReasoningBack.ALWAYS},
        request(message(pb.ROLE_ASSISTANT, pb.Part(reasoning=pb.Reasoning(text="a")))),
    ),
    "reasoning_back_field": (
        {"reasoning_back": ReasoningBack.ALWAYS, "reasoning_back_field": "x"},
        request(message(pb.ROLE_ASSISTANT, pb.Part(reasoning=pb.Reasoning(text="a")))),
    ),
    "reasoning_placeholder": (
        {"reasoning_back": ReasoningBack.ALWAYS, "reasoning_placeholder": "x"},
        request(CALLING, ANSWERED),
    ),
    "tools": ({"tools": False}, EVERYTHING),
    "tool_choices": ({"tool_choices": frozenset({ToolChoice.AUTO})}, EVERYTHING),
    "required_word": ({"required_word": "any"}, EVERYTHING),
    "schema_drops": ({"schema_drops": frozenset({"type"})}, EVERYTHING),
    "json_object": ({"json_object": False}, request(response_format=OBJECT)),
    "json_schema": ({"json_schema": False}, EVERYTHING),
    "json_word": ({"json_word": True}, request(response_format=OBJECT)),
    "reasoning": (EFFORT | {"efforts": ("low",)}, request(reasoning=ASKED_TO_THINK)),
    "efforts": (EFFORT | {"efforts": ("high",)}, request(reasoning=ASKED_TO_THINK)),
    "budget_field": (EFFORT | {"budget_field": "x"}, request(reasoning=pb.ReasoningOptions(budget_tokens=5))),
    "include_field": ({"include_field": "x"}, request(reasoning=pb.ReasoningOptions(include_text=True))),
    "always_thinks": ({"always_thinks": True, "thinking_drops": frozenset({"seed"})}, EVERYTHING),
    "thinks_by_default": ({"thinks_by_default": True, "thinking_drops": frozenset({"seed"})}, EVERYTHING),
    "thinking_drops": (THINKING | {"thinking_drops": frozenset({"seed"})}, EVERYTHING),
    "thinking_tool_choices": (THINKING | {"thinking_tool_choices": frozenset({ToolChoice.AUTO})}, EVERYTHING),
    "stream_options": ({"stream_options": False}, EVERYTHING),
    "extra": ({"extra": {"x": 1}}, EVERYTHING),
    "extra_streamed_tools": ({"extra_streamed_tools": {"x": 1}}, EVERYTHING),
}
FOR_THE_DECODER = {"think_tags"}


def heard(asked: pb.ChatRequest, **knobs: Any) -> Any:
    """The streamed body, or how the request was refused."""
    try:
        return said(asked, stream=True, **knobs)
    except Failure as refused:
        return refused.detail


@pytest.mark.parametrize("knob", KNOBS)
def test_a_knob_makes_a_difference(knob: str) -> None:
    knobs, asked = KNOBS[knob]
    without = {name: value for name, value in knobs.items() if name != knob}
    assert heard(asked, **knobs) != heard(asked, **without)


def test_every_knob_is_turned_above() -> None:
    assert KNOBS.keys() == {field.name for field in fields(Dialect)} - FOR_THE_DECODER


@pytest.mark.parametrize("path", sorted(DROPPABLE - {"tool_choice"}))
def test_what_is_refused_is_dropped_and_reported(path: str) -> None:
    knobs: dict[str, Any] = {"drops": frozenset({path})}
    assert [(field.replace("[0]", ""), action) for field, action in changes(EVERYTHING, **knobs)] == [(path, DROPPED)]
    word = WORDS.get(path, path.rpartition(".")[2])
    assert f"'{word}'" in str(said(EVERYTHING))
    assert str(said(EVERYTHING, **knobs)).count(f"'{word}'") == str(said(EVERYTHING)).count(f"'{word}'") - 1


def test_a_request_that_fits_is_not_changed() -> None:
    assert changes(EVERYTHING) == []


def test_names_that_are_dropped_are_reported_once() -> None:
    two = [message(pb.ROLE_USER, pb.Part(text="a"), name=name) for name in ("ann", "bob")]
    assert changes(request(HELLO, *two), drops=frozenset({"messages.name"})) == [("messages[1].name", DROPPED)]


def test_the_name_beside_results_is_dropped_and_reported() -> None:
    named = message(pb.ROLE_TOOL, result(text=""), name="f")
    assert said(request(CALLING, named))["messages"][1:] == [{"role": "tool", "tool_call_id": "a", "content": ""}]
    assert changes(request(CALLING, named)) == [("messages[1].name", DROPPED)]


@pytest.mark.parametrize(
    ("asked", "knobs", "expected"),
    [
        (request(temperature=2), {"temperature_most": 1.0}, {"temperature": 1.0}),
        (request(temperature=0), {"temperature_least": 0.01}, {"temperature": 0.01}),
        (request(top_p=0), {"top_p_least": 0.01}, {"top_p": 0.01}),
        (request(top_p=1), {"top_p_most": 0.99}, {"top_p": 0.99}),
        (request(max_output_tokens=9), {"max_tokens_most": 8}, {"max_tokens": 8}),
        (request(stop=["a", "b", "c"]), {"stop_most": 2}, {"stop": ["a", "b"]}),
    ],
)
def test_a_value_out_of_range_is_clamped_and_reported(
    asked: pb.ChatRequest, knobs: dict[str, Any], expected: dict[str, Any]
) -> None:
    field = {"max_tokens": "max_output_tokens"}.get(next(iter(expected)), next(iter(expected)))
    assert added(asked, **knobs) == expected
    assert changes(asked, **knobs) == [(field, CLAMPED)]


def test_stop_texts_are_dropped_where_none_is_taken() -> None:
    assert added(request(stop=["a"]), stop_most=0) == {}
    assert changes(request(stop=["a"]), stop_most=0) == [("stop", DROPPED)]


def test_stop_texts_that_are_too_long_are_dropped() -> None:
    asked = request(stop=["ab", "你", "c"])
    assert added(asked, stop_bytes=2) == {"stop": ["ab", "c"]}
    assert changes(asked, stop_bytes=2) == [("stop", DROPPED)]
    assert added(asked, stop_bytes=0) == {}


def test_a_parameter_that_only_some_have_is_said_to_them() -> None:
    assert added(request(top_k=3), top_k=True) == {"top_k": 3}
    assert changes(request(top_k=3), top_k=True) == []


def test_names_are_as_the_dialect_has_them() -> None:
    asked = request(seed=1, end_user="u", tools=[TOOL], tool_choice=pb.ToolChoice(mode=pb.TOOL_MODE_REQUIRED))
    told = added(asked, seed_field="random_seed", end_user_field="user_id", required_word="any")
    assert (told["random_seed"], told["user_id"], told["tool_choice"]) == (1, "u", "any")
    assert not {"seed", "user"} & told.keys()


@pytest.mark.parametrize("knobs", [{"end_user_field": ""}, {"end_user_least": 2}, {"end_user_most": 0}])
def test_a_person_whom_the_provider_cannot_take_is_not_named(knobs: dict[str, Any]) -> None:
    assert added(request(end_user="u"), **knobs) == {}
    assert changes(request(end_user="u"), **knobs) == [("end_user", DROPPED)]


def test_a_person_of_just_the_right_length_is_named() -> None:
    assert added(request(end_user="abc"), end_user_least=3, end_user_most=3) == {"user": "abc"}


@pytest.mark.parametrize(("empty", "expected"), [("EMPTY", ""), ("NULL", None), ("ABSENT", "absent")])
def test_a_turn_without_text_is_said_as_the_dialect_has_it(empty: str, expected: str | None) -> None:
    told, _ = said(request(CALLING, ANSWERED), empty_content=EmptyContent[empty])["messages"]
    assert told.get("content", "absent") == expected
    speechless = message(pb.ROLE_ASSISTANT)
    assert said(request(speechless), empty_content=EmptyContent[empty])["messages"][0]["content"] == ""


def test_texts_are_joined_where_content_is_a_string() -> None:
    asked = request(message(pb.ROLE_USER, pb.Part(text="a"), pb.Part(text="b", cache_breakpoint=True)))
    assert said(asked, flatten_text=True, cache_control=True)["messages"][0]["content"] == "a\nb"


def test_a_last_message_of_the_assistants_is_marked_to_be_continued() -> None:
    begun = message(pb.ROLE_ASSISTANT, pb.Part(text="a"))
    told = said(request(begun, HELLO, begun), prefill_field="partial")["messages"]
    assert ["partial" in one for one in told] == [False, False, True]
    assert "partial" not in said(request(CALLING, ANSWERED), prefill_field="partial")["messages"][0]
    assert "partial" not in said(request(begun, HELLO), prefill_field="partial")["messages"][1]


def test_breakpoints_are_said_where_they_are_known_and_else_ignored() -> None:
    broken = [
        message(pb.ROLE_USER, pb.Part(text="a", cache_breakpoint=True)),
        CALLING,
        message(pb.ROLE_TOOL, result(text="b", cache_breakpoint=True)),
    ]
    told = said(request(*broken), cache_control=True)["messages"][::2]
    mark = {"cache_control": {"type": "ephemeral"}}
    assert [one["content"] for one in told] == [[{"type": "text", "text": text} | mark] for text in "ab"]
    assert [one["content"] for one in said(request(*broken))["messages"]] == ["a", "", "b"]
    assert changes(request(*broken)) == []


AUTO, NONE, REQUIRED = (
    pb.ToolChoice(mode=mode) for mode in (pb.TOOL_MODE_AUTO, pb.TOOL_MODE_NONE, pb.TOOL_MODE_REQUIRED)
)
NAMED = pb.ToolChoice(tool_name="f")
ONLY_AUTO: dict[str, Any] = {"tool_choices": frozenset({ToolChoice.AUTO})}
UNKNOWN: dict[str, Any] = {"tool_choices": frozenset()}
REFUSED: dict[str, Any] = {"drops": frozenset({"tool_choice"})}


@pytest.mark.parametrize(
    ("knobs", "choice", "expected", "change"),
    [
        (ONLY_AUTO, AUTO, "auto", None),
        (ONLY_AUTO, REQUIRED, "auto", ("tool_choice", DOWNGRADED)),
        (ONLY_AUTO, NAMED, "auto", ("tool_choice", DOWNGRADED)),
        (ONLY_AUTO, NONE, "no tools", ("tools", DROPPED)),
        (UNKNOWN, AUTO, None, None),
        (UNKNOWN, REQUIRED, None, ("tool_choice", DOWNGRADED)),
        (UNKNOWN, NONE, "no tools", ("tools", DROPPED)),
        (REFUSED, NAMED, None, ("tool_choice", DOWNGRADED)),
        (REFUSED, NONE, "no tools", ("tools", DROPPED)),
        (
            THINKING | {"thinking_tool_choices": frozenset({ToolChoice.AUTO})},
            NAMED,
            "auto",
            ("tool_choice", DOWNGRADED),
        ),
        ({"thinking_tool_choices": frozenset({ToolChoice.AUTO})}, REQUIRED, "required", None),
    ],
)
def test_a_choice_that_cannot_be_said_is_weakened(
    knobs: dict[str, Any], choice: pb.ToolChoice, expected: str | None, change: tuple[str, int] | None
) -> None:
    asked = request(tools=[pb.Tool(name="f")], tool_choice=choice)
    told = said(asked, **knobs)
    assert (told.get("tool_choice") if "tools" in told else "no tools") == expected
    assert changes(asked, **knobs) == ([change] if change else [])


def test_without_tools_there_is_none_to_leave_out() -> None:
    assert added(request(tool_choice=NONE), **ONLY_AUTO) == {}
    assert changes(request(tool_choice=NONE), **ONLY_AUTO) == []


def test_a_model_without_tools_refuses_them() -> None:
    assert refusal(request(tools=[TOOL]), tools=False).detail.startswith("tools: ")
    assert added(request(), tools=False) == {}


def test_keywords_of_schemas_are_dropped_but_not_names_and_values() -> None:
    schema = (
        '{"type":"object","minLength":1,"properties":{"minLength":{"type":"string","minLength":1,'
        '"enum":[{"minLength":1}]}},"anyOf":[{"maxItems":2}],"items":{"maxItems":1,"properties":true}}'
    )
    asked = request(tools=[pb.Tool(name="f", parameters_json=schema)])
    knobs: dict[str, Any] = {"schema_drops": frozenset({"minLength", "maxItems"})}
    assert added(asked, **knobs)["tools"][0]["function"]["parameters"] == {
        "type": "object",
        "properties": {"minLength": {"type": "string", "enum": [{"minLength": 1}]}},
        "anyOf": [{}],
        "items": {"properties": True},
    }
    assert changes(asked, **knobs) == [("tools[0].parameters_json", DROPPED)]
    assert changes(asked, schema_drops=frozenset({"pattern"})) == []


def test_a_name_that_looks_like_a_keyword_is_no_change() -> None:
    asked = request(tools=[pb.Tool(name="f", parameters_json='{"properties":{"minLength":{}}}')])
    assert changes(asked, schema_drops=frozenset({"minLength"})) == []


SYSTEM = message(pb.ROLE_SYSTEM, pb.Part(text="be brief"))


@pytest.mark.parametrize(("json_object", "form"), [(True, {"type": "json_object"}), (False, None)])
def test_a_schema_that_is_not_understood_is_told_in_words(json_object: bool, form: dict[str, str] | None) -> None:
    asked = request(SYSTEM, HELLO, response_format=SCHEMA)
    knobs: dict[str, Any] = {"json_schema": False, "json_object": json_object, "system_role": "developer"}
    told = said(asked, **knobs)
    assert told.get("response_format") == form
    assert [one["role"] for one in told["messages"]] == ["developer", "developer", "user"]
    assert "JSON" in told["messages"][1]["content"]
    assert SCHEMA.json_schema.schema_json in told["messages"][1]["content"]
    assert changes(asked, **knobs) == [("response_format.json_schema", DOWNGRADED)]


def test_an_object_is_asked_for_in_words_where_that_is_all_there_is() -> None:
    told = said(request(response_format=OBJECT), json_object=False)
    assert "response_format" not in told
    assert [one["role"] for one in told["messages"]] == ["system", "user"]
    assert changes(request(response_format=OBJECT), json_object=False) == [("response_format.json_object", DOWNGRADED)]


def test_the_word_is_added_only_where_nobody_said_it() -> None:
    knobs: dict[str, Any] = {"json_word": True}
    told = said(request(response_format=OBJECT), **knobs)
    assert told["response_format"] == {"type": "json_object"}
    assert "JSON" in told["messages"][0]["content"]
    assert changes(request(response_format=OBJECT), **knobs) == [("response_format.json_object", DOWNGRADED)]
    worded = request(message(pb.ROLE_USER, pb.Part(text="as Json")), response_format=OBJECT)
    assert len(said(worded, **knobs)["messages"]) == 1
    assert changes(worded, **knobs) == []


def test_what_a_vendor_always_wants_gives_way_to_what_is_asked() -> None:
    knobs: dict[str, Any] = {"extra": {"temperature": 1, "safe": True}}
    assert added(request(temperature=0.5), **knobs) == {"temperature": 0.5, "safe": True}


def test_some_want_more_only_with_streamed_tools() -> None:
    knobs: dict[str, Any] = {"extra_streamed_tools": {"tool_stream": True}}
    asked = request(tools=[TOOL])
    assert said(asked, stream=True, **knobs)["tool_stream"] is True
    assert "tool_stream" not in said(asked, **knobs)
    assert "tool_stream" not in said(request(), stream=True, **knobs)


def test_usage_of_a_stream_is_not_asked_for_where_that_is_refused() -> None:
    assert "stream_options" not in said(request(), stream=True, stream_options=False)


@pytest.mark.parametrize(
    "knobs", [{"drops": frozenset({"topk"})}, {"thinking_drops": frozenset({"x"})}, {"efforts": ("huge",)}]
)
def test_a_row_that_means_nothing_is_refused(knobs: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"cannot be dropped|not an effort"):
        Dialect(**knobs)
