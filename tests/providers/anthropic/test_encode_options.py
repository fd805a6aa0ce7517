"""What goes out for a request beside the conversation: sampling, tools, form, thinking, media, options."""

from typing import Any

import orjson
import pytest

from mainstay import v1 as pb
from service.providers.anthropic.dialect import DROPPABLE, Dialect, Thinking
from service.providers.choices import ToolChoice
from tests.providers.anthropic.encoding import (
    ASSISTANT,
    CLAMPED,
    DOWNGRADED,
    DROPPED,
    HELLO,
    TOOL,
    USER,
    added,
    call,
    changes,
    message,
    refusal,
    request,
    result,
    said,
    state,
)

F = pb.Tool(name="f", description="does it", parameters_json='{"type":"object","properties":{}}')
UNFORCED = frozenset({ToolChoice.AUTO, ToolChoice.NONE})
REQUIRED, NONE, AUTO = pb.TOOL_MODE_REQUIRED, pb.TOOL_MODE_NONE, pb.TOOL_MODE_AUTO
BUDGET: dict[str, Any] = {"thinking": Thinking.BUDGET, "max_tokens": 10_000, "max_tokens_most": 20_000}
ADAPTIVE: dict[str, Any] = {"thinking": Thinking.ADAPTIVE, "efforts": ("low", "medium", "high", "max")}
OFF, MINIMAL, LOW, MEDIUM, HIGH, MAX = (
    pb.REASONING_EFFORT_OFF,
    pb.REASONING_EFFORT_MINIMAL,
    pb.REASONING_EFFORT_LOW,
    pb.REASONING_EFFORT_MEDIUM,
    pb.REASONING_EFFORT_HIGH,
    pb.REASONING_EFFORT_MAX,
)


def effort(word: pb.ReasoningEffort.ValueType, **fields: Any) -> pb.ChatRequest:
    return request(reasoning=pb.ReasoningOptions(effort=word), **fields)


def budget(tokens: int, **fields: Any) -> pb.ChatRequest:
    return request(reasoning=pb.ReasoningOptions(budget_tokens=tokens), **fields)


def choice(mode: pb.ToolMode.ValueType, **fields: Any) -> pb.ChatRequest:
    return request(tools=[F], tool_choice=pb.ToolChoice(mode=mode), **fields)


# Sampling.


def test_sampling_is_said_in_the_protocols_words() -> None:
    asked = request(temperature=0.5, top_p=0.25, top_k=3, stop=["a", "b"], max_output_tokens=9, end_user="ann")
    assert added(asked) == {
        "max_tokens": 9,
        "temperature": 0.5,
        "top_p": 0.25,
        "top_k": 3,
        "stop_sequences": ["a", "b"],
        "metadata": {"user_id": "ann"},
    }
    assert changes(asked) == []


def test_what_the_protocol_has_no_word_for_is_dropped_and_what_is_out_of_range_is_moved() -> None:
    asked = request(temperature=2, seed=1, presence_penalty=1, frequency_penalty=1, stop=[" ", "x"])
    assert added(asked) == {"max_tokens": 4096, "temperature": 1.0, "stop_sequences": ["x"]}
    assert changes(asked) == [
        ("temperature", CLAMPED),
        ("stop", DROPPED),
        ("seed", DROPPED),
        ("presence_penalty", DROPPED),
        ("frequency_penalty", DROPPED),
    ]
    assert refusal(request(temperature=float("nan"))).detail == "temperature: is not a number"


def test_the_longest_answer_is_a_limit() -> None:
    assert added(request(max_output_tokens=9000), max_tokens_most=5000) == {"max_tokens": 5000}
    assert changes(request(max_output_tokens=9000), max_tokens_most=5000) == [("max_output_tokens", CLAMPED)]
    assert added(request(), max_tokens=64_000, max_tokens_most=64_000) == {"max_tokens": 64_000}


def test_some_take_a_temperature_or_top_p() -> None:
    both = request(temperature=0.5, top_p=0.5)
    assert added(both, temperature_or_top_p=True) == {"max_tokens": 4096, "temperature": 0.5}
    assert changes(both, temperature_or_top_p=True) == [("top_p", DROPPED)]
    assert added(request(top_p=0.5), temperature_or_top_p=True) == {"max_tokens": 4096, "top_p": 0.5}


@pytest.mark.parametrize("path", sorted(DROPPABLE))
def test_whatever_a_dialect_drops_is_not_said_and_told(path: str) -> None:
    strict = pb.Tool(name="f", strict=True)
    asked = choice(AUTO, temperature=1, top_p=1, top_k=1, stop=["x"], end_user="a", parallel_tool_calls=False)
    asked.tools[0].CopyFrom(strict)
    full, less = said(asked), said(asked, drops=frozenset({path}))
    assert less != full
    told = {field.replace("[0]", "") for field, action in changes(asked, drops=frozenset({path})) if action == DROPPED}
    assert path in told or path == "tool_choice"


def test_nothing_else_can_be_dropped() -> None:
    with pytest.raises(ValueError, match="cannot be dropped: messages"):
        Dialect(drops=frozenset({"messages"}))
    with pytest.raises(ValueError, match="not an effort: hard"):
        Dialect(efforts=("hard",))


# Tools.


def test_a_tool_has_a_schema_of_an_object() -> None:
    assert added(request(tools=[F]))["tools"] == [
        {"name": "f", "description": "does it", "input_schema": {"type": "object", "properties": {}}}
    ]
    bare = request(tools=[pb.Tool(name="g", strict=True)])
    assert added(bare)["tools"] == [{"name": "g", "input_schema": {"type": "object", "properties": {}}, "strict": True}]
    untyped = request(tools=[pb.Tool(name="g", parameters_json='{"properties":{"a":{}}}')])
    assert added(untyped)["tools"][0]["input_schema"] == {"type": "object", "properties": {"a": {}}}
    assert changes(untyped) == [("tools[0].parameters_json", CLAMPED)]


@pytest.mark.parametrize(
    ("schema", "reason"), [('{"type":"array"}', "UNSUPPORTED"), ("true", "INVALID_REQUEST"), ("{", "INVALID_REQUEST")]
)
def test_arguments_that_are_no_object_are_refused(schema: str, reason: str) -> None:
    failure = refusal(request(tools=[pb.Tool(name="g", parameters_json=schema)]))
    assert (failure.reason, failure.detail.partition(":")[0]) == (reason, "tools[0].parameters_json")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (choice(AUTO), {"type": "auto"}),
        (choice(NONE), {"type": "none"}),
        (choice(REQUIRED), {"type": "any"}),
        (request(tools=[F], tool_choice=pb.ToolChoice(tool_name="f")), {"type": "tool", "name": "f"}),
        (choice(REQUIRED, parallel_tool_calls=False), {"type": "any", "disable_parallel_tool_use": True}),
        (request(tools=[F], parallel_tool_calls=False), {"type": "auto", "disable_parallel_tool_use": True}),
        (choice(NONE, parallel_tool_calls=False), {"type": "none"}),
        (request(tools=[F], parallel_tool_calls=True), None),
    ],
)
def test_the_choice_among_tools(asked: pb.ChatRequest, said: dict[str, Any] | None) -> None:
    assert added(asked).get("tool_choice") == said
    assert changes(asked) == []


def test_a_choice_that_cannot_be_forced_becomes_auto_and_is_told() -> None:
    forced = choice(REQUIRED, parallel_tool_calls=False)
    for knobs in ({"tool_choices": UNFORCED}, {"always_thinks": True}):
        assert added(forced, **knobs)["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
        assert changes(forced, **knobs) == [("tool_choice", DOWNGRADED)]
    thinking = choice(REQUIRED, reasoning=pb.ReasoningOptions(effort=LOW))
    assert added(thinking, **ADAPTIVE)["tool_choice"] == {"type": "auto"}


def test_where_none_cannot_be_said_no_tools_are_offered() -> None:
    knobs = {"tool_choices": frozenset({ToolChoice.AUTO})}
    assert added(choice(NONE), **knobs) == {"max_tokens": 4096}
    assert changes(choice(NONE), **knobs) == [("tools", DROPPED)]


def test_a_conversation_with_calls_offers_the_tools_that_were_called_and_lets_none_be() -> None:
    asked = request(HELLO, message(ASSISTANT, call("a"), call("b")), message(TOOL, result("a"), result("b")))
    assert added(asked)["tools"] == [{"name": "f", "input_schema": {"type": "object", "properties": {}}}]
    assert added(asked)["tool_choice"] == {"type": "none"}
    assert changes(asked) == [("tools", DOWNGRADED)]


def test_a_choice_among_no_tools_is_none() -> None:
    asked = request(tool_choice=pb.ToolChoice(mode=REQUIRED), parallel_tool_calls=False)
    assert added(asked) == {"max_tokens": 4096}
    assert changes(asked) == [("tool_choice", DROPPED), ("parallel_tool_calls", DROPPED)]
    assert refusal(request(tools=[F]), tools=False).detail == "tools: this model calls none"


# The form of the answer.


CITY: dict[str, Any] = {"type": "object", "properties": {"name": {}}, "additionalProperties": False}


def json_schema(**fields: Any) -> pb.ChatRequest:
    wanted = pb.JsonSchemaFormat(name="city", schema_json=orjson.dumps(CITY).decode(), **fields)
    return request(response_format=pb.ResponseFormat(json_schema=wanted))


def test_a_schema_is_said_natively_or_in_words() -> None:
    assert added(json_schema(strict=True), json_schema=True) == {
        "max_tokens": 4096,
        "output_config": {"format": {"type": "json_schema", "schema": CITY}},
    }
    assert changes(json_schema(strict=True), json_schema=True) == []
    assert changes(json_schema(strict=False), json_schema=True) == [("response_format.json_schema.strict", DROPPED)]
    assert orjson.dumps(CITY).decode() in added(json_schema())["system"]
    assert changes(json_schema()) == [("response_format.json_schema", DOWNGRADED)]


def test_an_object_is_asked_for_in_words() -> None:
    asked = request(response_format=pb.ResponseFormat(json_object=pb.JsonObjectFormat()))
    assert "JSON" in added(asked, json_schema=True)["system"]
    assert changes(asked, json_schema=True) == [("response_format.json_object", DOWNGRADED)]
    assert refusal(request(response_format=pb.ResponseFormat())).detail == "response_format: is not set"


# Thinking.


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (effort(OFF), ({"type": "disabled"}, None)),
        (effort(MINIMAL), ({"type": "adaptive"}, "low")),
        (effort(MEDIUM), ({"type": "adaptive"}, "medium")),
        (effort(MAX), ({"type": "adaptive"}, "max")),
        (budget(0), ({"type": "disabled"}, None)),
        (budget(3000), ({"type": "adaptive"}, "medium")),
        (budget(30_000), ({"type": "adaptive"}, "high")),
    ],
)
def test_an_adaptive_model_is_told_an_effort(asked: pb.ChatRequest, said: tuple[dict[str, Any], str | None]) -> None:
    body = added(asked, **ADAPTIVE)
    assert (body["thinking"], body.get("output_config", {}).get("effort")) == said
    by_budget = asked.reasoning.budget_tokens > 0
    assert changes(asked, **ADAPTIVE) == ([("reasoning.budget_tokens", DOWNGRADED)] if by_budget else [])


def test_an_effort_and_a_schema_stand_together() -> None:
    asked = json_schema()
    asked.reasoning.effort = HIGH
    body = added(asked, **ADAPTIVE, json_schema=True)
    assert body["output_config"].keys() == {"effort", "format"}


def test_a_model_that_always_thinks_is_told_to_think_little() -> None:
    knobs = {**ADAPTIVE, "always_thinks": True}
    assert added(effort(OFF), **knobs) == {"max_tokens": 4096, "output_config": {"effort": "low"}}
    assert changes(effort(OFF), **knobs) == [("reasoning.effort", CLAMPED)]
    assert added(request(temperature=0.5), **knobs) == {"max_tokens": 4096}


@pytest.mark.parametrize(
    ("asked", "tokens", "limit", "told"),
    [
        (budget(2000), 2000, 12_000, []),
        (budget(2000, max_output_tokens=3000), 2000, 3000, []),
        (budget(50), 1024, 10_050, [("reasoning.budget_tokens", CLAMPED)]),
        (budget(9000, max_output_tokens=3000), 2999, 3000, [("reasoning.budget_tokens", CLAMPED)]),
        (budget(50_000), 19_999, 20_000, [("reasoning.budget_tokens", CLAMPED)]),
        (effort(LOW), 1024, 10_000, [("reasoning.effort", DOWNGRADED)]),
        (effort(MAX), 5000, 10_000, [("reasoning.effort", DOWNGRADED)]),
        (effort(HIGH, max_output_tokens=1500), 1024, 1500, [("reasoning.effort", DOWNGRADED)]),
    ],
)
def test_a_model_with_a_budget_gets_one_that_it_takes(
    asked: pb.ChatRequest, tokens: int, limit: int, told: list[tuple[str, int]]
) -> None:
    body = added(asked, **BUDGET)
    assert body == {"max_tokens": limit, "thinking": {"type": "enabled", "budget_tokens": tokens}}
    assert 1024 <= tokens < limit
    assert changes(asked, **BUDGET) == told


def test_where_the_answer_is_too_short_for_thoughts_there_are_none() -> None:
    asked = effort(HIGH, max_output_tokens=1024, temperature=0.5)
    assert added(asked, **BUDGET) == {"max_tokens": 1024, "temperature": 0.5, "thinking": {"type": "disabled"}}
    assert changes(asked, **BUDGET) == [("reasoning.effort", DOWNGRADED)]


def test_where_the_thoughts_behind_the_last_calls_are_lost_a_budget_would_be_refused() -> None:
    own = pb.Part(reasoning=pb.Reasoning(text="hm"), provider_state=state(signature="Eq="))
    foreign = pb.Part(reasoning=pb.Reasoning(text="hm"), provider_state=state("other", signature="Eq="))
    for thought, thinks in ((own, True), (foreign, False)):
        asked = budget(2000, tools=[F])
        del asked.messages[:]
        asked.messages.extend([HELLO, message(ASSISTANT, thought, call()), message(TOOL, result())])
        assert (added(asked, **BUDGET)["thinking"]["type"] == "enabled") is thinks


def test_while_it_thinks_a_model_takes_no_temperature() -> None:
    asked = effort(LOW, temperature=0.5, top_k=3, top_p=0.5)
    body = added(asked, **ADAPTIVE)
    assert ("temperature" in body, "top_k" in body, body["top_p"]) == (False, False, 0.95)
    assert changes(asked, **ADAPTIVE) == [("temperature", DROPPED), ("top_p", CLAMPED), ("top_k", DROPPED)]


def test_a_switch_is_turned_on_or_off() -> None:
    knobs: dict[str, Any] = {"thinking": Thinking.SWITCH, "efforts": ("low", "high", "max")}
    assert added(effort(MEDIUM), **knobs)["thinking"] == {"type": "enabled"}
    assert added(effort(MEDIUM), **knobs)["output_config"] == {"effort": "high"}
    assert changes(effort(MEDIUM), **knobs) == [("reasoning.effort", CLAMPED)]
    assert added(effort(OFF), **knobs)["thinking"] == {"type": "disabled"}
    assert changes(effort(MEDIUM), thinking=Thinking.SWITCH) == [("reasoning.effort", DOWNGRADED)]


def test_a_model_that_cannot_be_told_is_not() -> None:
    assert added(effort(LOW)) == {"max_tokens": 4096}
    assert changes(effort(LOW)) == [("reasoning.effort", DROPPED)]
    assert changes(effort(OFF)) == []
    assert changes(effort(OFF), thinks_by_default=True) == [("reasoning.effort", DROPPED)]


@pytest.mark.parametrize(("wanted", "word"), [(True, "summarized"), (False, "omitted")])
def test_whether_thoughts_come_back_is_said_where_it_can_be(wanted: bool, word: str) -> None:
    asked = request(reasoning=pb.ReasoningOptions(effort=LOW, include_text=wanted))
    assert added(asked, **ADAPTIVE, display=True)["thinking"] == {"type": "adaptive", "display": word}
    assert added(asked, **ADAPTIVE)["thinking"] == {"type": "adaptive"}
    assert changes(asked, **ADAPTIVE) == ([] if wanted else [("reasoning.include_text", DROPPED)])
    unasked = request(reasoning=pb.ReasoningOptions(include_text=wanted))
    assert "thinking" not in added(unasked, **ADAPTIVE, display=True)
    always = added(unasked, **ADAPTIVE, display=True, always_thinks=True)
    assert always["thinking"] == {"type": "adaptive", "display": word}


def test_an_amount_that_makes_no_sense_is_refused() -> None:
    assert refusal(budget(-1)).detail == "reasoning.budget_tokens: is negative"
    assert refusal(effort(pb.REASONING_EFFORT_UNSPECIFIED)).detail == "reasoning.effort: is not set"


# Media.


def shown(part: pb.Part) -> Any:
    return said(request(message(USER, part)))["messages"][0]["content"][0]


@pytest.mark.parametrize(
    ("media", "source"),
    [
        (pb.Media(data=b"png", media_type="image/png"), {"type": "base64", "media_type": "image/png", "data": "cG5n"}),
        (pb.Media(url="https://x/y.png"), {"type": "url", "url": "https://x/y.png"}),
        (
            pb.Media(url="data:image/png;base64,cG5n"),
            {"type": "base64", "media_type": "image/png", "data": "cG5n"},
        ),
        (pb.Media(provider_file_id="file_1"), {"type": "file", "file_id": "file_1"}),
    ],
)
def test_a_picture(media: pb.Media, source: dict[str, Any]) -> None:
    assert shown(pb.Part(image=media)) == {"type": "image", "source": source}


@pytest.mark.parametrize(
    ("media", "block"),
    [
        (
            pb.Media(data=b"%PDF", media_type="application/pdf", filename="a.pdf"),
            {
                "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERg=="},
                "title": "a.pdf",
            },
        ),
        (
            pb.Media(data="hé".encode(), media_type="text/plain"),
            {"source": {"type": "text", "media_type": "text/plain", "data": "hé"}},
        ),
        (pb.Media(url="data:,a%20b"), {"source": {"type": "text", "media_type": "text/plain", "data": "a b"}}),
        (pb.Media(url="https://x/y.pdf"), {"source": {"type": "url", "url": "https://x/y.pdf"}}),
        (pb.Media(provider_file_id="file_1"), {"source": {"type": "file", "file_id": "file_1"}}),
    ],
)
def test_a_document(media: pb.Media, block: dict[str, Any]) -> None:
    assert shown(pb.Part(file=media)) == {"type": "document", **block}


def test_a_text_of_another_type_is_said_to_be_plain_and_what_has_no_word_is_told() -> None:
    asked = request(message(USER, pb.Part(file=pb.Media(data=b"# A", media_type="text/markdown", detail="high"))))
    assert changes(asked) == [
        ("messages[0].parts[0].file.detail", DROPPED),
        ("messages[0].parts[0].file.media_type", CLAMPED),
    ]
    named = request(message(USER, pb.Part(image=pb.Media(url="http://x", filename="a", detail="low"))))
    assert changes(named) == [
        ("messages[0].parts[0].image.filename", DROPPED),
        ("messages[0].parts[0].image.detail", DROPPED),
    ]


@pytest.mark.parametrize(
    ("part", "knobs", "reason", "path"),
    [
        (pb.Part(image=pb.Media(url="http://x")), {"images": False}, "UNSUPPORTED", "image"),
        (pb.Part(image=pb.Media(url="http://x")), {"image_urls": False}, "UNSUPPORTED", "image.url"),
        (
            pb.Part(image=pb.Media(provider_file_id="a")),
            {"file_ids": False},
            "UNSUPPORTED",
            "image.provider_file_id",
        ),
        (pb.Part(file=pb.Media(url="http://x")), {"files": False}, "UNSUPPORTED", "file"),
        (pb.Part(file=pb.Media(data=b"x", media_type="audio/mp3")), {}, "UNSUPPORTED", "file.media_type"),
        (pb.Part(image=pb.Media(data=b"x")), {}, "INVALID_REQUEST", "image.media_type"),
        (pb.Part(image=pb.Media()), {}, "INVALID_REQUEST", "image"),
        (pb.Part(image=pb.Media(url="data:image/png;base64")), {}, "INVALID_REQUEST", "image.url"),
        (pb.Part(image=pb.Media(url="data:image/png;base64,%")), {}, "INVALID_REQUEST", "image.url"),
    ],
)
def test_media_that_cannot_be_sent_are_refused_by_their_path(
    part: pb.Part, knobs: dict[str, Any], reason: str, path: str
) -> None:
    failure = refusal(request(message(USER, part)), **knobs)
    assert (failure.reason, failure.detail.partition(":")[0]) == (reason, f"messages[0].parts[0].{path}")


# The caller's own words.


def test_options_replace_what_would_stand_there_but_not_what_is_ours() -> None:
    asked = request(temperature=0.5, provider_options={"vendor": '{"temperature":0.1,"service_tier":"auto"}'})
    assert added(asked) == {"max_tokens": 4096, "temperature": 0.1, "service_tier": "auto"}
    assert added(request(provider_options={"other": '{"a":1}'})) == {"max_tokens": 4096}
    assert "may not set model" in refusal(request(provider_options={"vendor": '{"model":"x"}'})).detail


def test_tools_of_the_callers_own_need_none_of_ours_beside_them() -> None:
    asked = request(HELLO, message(ASSISTANT, call()), message(TOOL, result()))
    asked.provider_options["vendor"] = '{"tools":[{"type":"web_search_20260209"}]}'
    assert added(asked) == {"max_tokens": 4096, "tools": [{"type": "web_search_20260209"}]}
    assert changes(asked) == []


def test_what_goes_into_every_body() -> None:
    assert added(request(), extra={"anthropic_version": "v"}) == {"anthropic_version": "v", "max_tokens": 4096}
