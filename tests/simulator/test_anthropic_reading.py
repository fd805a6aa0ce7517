"""What Anthropic refuses, and in which words."""

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.simulator.anthropic.reading import read_question
from service.simulator.anthropic.thinking import redacted, signature_of
from service.simulator.protocol import Asked
from service.simulator.question import Question
from service.simulator.refusal import Refusal

VERSION = {"anthropic-version": "2023-06-01"}
DIGEST = 64 * "1"
USER = {"role": "user", "content": "hello"}
TOOL = {"name": "f", "input_schema": {"type": "object"}}
THOUGHT = {"type": "thinking", "thinking": "Hm.", "signature": signature_of(DIGEST, "Hm.")}
HIDDEN = {"type": "redacted_thinking", "data": redacted(DIGEST)}
MARK = {"cache_control": {"type": "ephemeral"}}
ENABLED = {"type": "enabled", "budget_tokens": 1024}
SCHEMA = {"type": "object", "properties": {}, "additionalProperties": False}
PLAIN = {"type": "text", "media_type": "text/plain", "data": "a"}
WORDS = [{"type": "text", "text": "a"}]


def text(said: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": said, **more}


def use(id: str = "t1", **more: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": id, "name": "f", "input": {}, **more}


def result(id: str = "t1", **more: Any) -> dict[str, Any]:
    return {"type": "tool_result", "tool_use_id": id, "content": "42", **more}


def assistant(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def user(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def image(**source: Any) -> dict[str, Any]:
    return user({"type": "image", "source": source})


def valid(**more: Any) -> dict[str, Any]:
    return {"model": "chat", "max_tokens": 4096, "messages": [USER], **more}


def loop(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return valid(messages=[USER, assistant(*blocks), user(result())], tools=[TOOL], **more)


def read(body: object, **headers: str) -> Question:
    return read_question(Asked(orjson.dumps(body), headers=VERSION | headers))


@pytest.mark.parametrize(
    "body",
    [
        valid(temperature=0.5, top_p=1, top_k=5, stop_sequences=["x"], metadata={"user_id": "u"}, stream=True),
        valid(system="be brief", service_tier="auto", speed="fast", container="c", context_management={}),
        valid(system=[text("be brief", **MARK)], tools=[TOOL | MARK], cache_control=MARK["cache_control"]),
        valid(messages=[USER, USER, assistant(text("a")), assistant(text("b")), USER]),
        valid(messages=[USER, {"role": "system", "content": "now in verse"}]),
        valid(messages=[USER, assistant(text("led"))]),
        valid(messages=[image(type="base64", media_type="image/png", data="iVBORw0KGgoAAAAN")]),
        valid(messages=[image(type="url", url="https://example.com/a"), image(type="file", file_id="f")]),
        valid(tools=[TOOL, {"type": "web_search_20260209", "name": "web_search"}], tool_choice={"type": "none"}),
        valid(tools=[TOOL], tool_choice={"type": "tool", "name": "f", "disable_parallel_tool_use": True}),
        valid(thinking=ENABLED, temperature=1, top_p=0.95),
        valid(thinking={"type": "adaptive", "display": "omitted"}, output_config={"effort": "low"}),
        valid(thinking={"type": "between_tools"}),
        valid(output_config={"format": {"type": "json_schema", "schema": SCHEMA}}),
        valid(messages=[user({"type": "document", "source": PLAIN})]),
        valid(messages=[USER, assistant({"type": "server_tool_use", "id": "s", "name": "w", "input": {}})]),
        valid(model="claude-opus-4-8", temperature=1, top_p=1),
        valid(model="claude-haiku-4-5", temperature=0.2, thinking=None, messages=[USER, assistant(text("led"))]),
        valid(model="claude-fable-5", tools=[TOOL], tool_choice={"type": "any"}),
        loop(use()),
        valid(messages=[USER, assistant(use(), use("t2")), user(result("t2"), result(), *WORDS)], tools=[TOOL]),
        loop(THOUGHT, use(), thinking=ENABLED),
        loop(HIDDEN, text("so"), use(), thinking=ENABLED),
        loop(use(), thinking={"type": "adaptive"}),
        loop(THOUGHT, use()),
        valid(messages=[USER, assistant(use()), user(result(content="")), assistant(*WORDS), USER], tools=[TOOL],
              thinking=ENABLED),
        valid(messages=[USER, assistant(THOUGHT, use()), user(result()), assistant(use("t2")), user(result("t2"))],
              tools=[TOOL], thinking=ENABLED),
        valid(model="MiniMax-M2", thinking={"type": "enabled", "budgetTokens": 9}, messages=[
            USER, assistant({"type": "thinking", "thinking": "a"}, use()), user(result(name="f"))], tools=[TOOL]),
    ],
)  # fmt: skip
def test_what_the_protocol_knows_is_accepted(body: dict[str, Any]) -> None:
    assert read(body).model == body["model"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "must be a JSON object"),
        ({"max_tokens": 1, "messages": [USER]}, "model: Field required"),
        ({"model": "chat", "messages": [USER]}, "max_tokens: Field required"),
        ({"model": "chat", "max_tokens": 1}, "messages: Field required"),
        (valid(max_tokns=3), "max_tokns: Extra inputs are not permitted"),
        (valid(anthropic_version="2023-06-01"), "anthropic_version: Extra inputs are not permitted"),
        (valid(max_tokens="1"), "max_tokens: Input should be a valid integer"),
        (valid(temperature=1.5), "temperature: Input should be less than or equal to 1"),
        (valid(metadata={"name": "u"}), "metadata.name: Extra inputs are not permitted"),
        (valid(stop_sequences=[" "]), "stop_sequences: each stop sequence must contain non-whitespace"),
        (valid(output_format={"type": "json_schema"}), "output_format.schema: Field required"),
        (valid(output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}}),
         "'additionalProperties' must be explicitly set to false"),
        (valid(messages=[]), "messages: at least one message is required"),
        (valid(messages=[assistant(text("a"))]), 'messages: first message must use the "user" role'),
        (valid(messages=[{"role": "robot", "content": "a"}]), "messages.0.role: Input should be"),
        (valid(messages=[USER | {"name": "a"}]), "messages.0.name: Extra inputs are not permitted"),
        (valid(messages=[user(text("", **MARK))]), "messages: text content blocks must be non-empty"),
        (valid(messages=[user(text(" \n"))]), "must contain non-whitespace text"),
        (valid(messages=[{"role": "user", "content": ""}]), "messages.0: all messages must have non-empty content"),
        (valid(messages=[user(text("a", colour=1))]), "messages.0.content.0.text.colour: Extra inputs"),
        (valid(messages=[user({"type": "smell"})]), "messages.0.content.0: Input tag found using 'type'"),
        (valid(messages=[image(type="base64", media_type="image/png", data="SGVsbG8=")]), "Could not process image"),
        (valid(messages=[image(type="base64", media_type="image/tiff", data="SUkq")]), "media_type: Input should be"),
        (valid(system=[text("")]), "system: text content blocks must be non-empty"),
        (valid(messages=[USER, assistant(text("a "))]), "cannot end with trailing whitespace"),
        (valid(messages=[USER, assistant(use()), USER], tools=[TOOL]),
         "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t1"),
        (valid(messages=[USER, assistant(use())], tools=[TOOL]), "`tool_use` ids were found without"),
        (valid(messages=[USER, assistant(use(), use("t2")), user(result())], tools=[TOOL]), "immediately after: t2"),
        (valid(messages=[USER, assistant(use()), user(text("so"), result())], tools=[TOOL]), "without `tool_result`"),
        (valid(messages=[USER, user(result())], tools=[TOOL]),
         "messages.1.content.0: unexpected `tool_use_id` found in `tool_result` blocks: t1"),
        (valid(messages=[USER, assistant(use()), user(result()), assistant(text("a")), user(result())], tools=[TOOL]),
         "messages.4.content.0: unexpected `tool_use_id`"),
        (valid(messages=[USER, assistant(use()), user(result(), result())], tools=[TOOL]), "a single result"),
        (valid(messages=[USER, assistant(use(), use()), user(result())], tools=[TOOL]), "ids must be unique"),
        (loop(use("a b")), "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"),
        (loop(use(input="{}")), "messages.1.content.0.tool_use.input: Input should be a valid dictionary"),
        (loop(use()) | {"tools": None}, "blocks in `messages` must define tools"),
        (loop(use()) | {"tools": []}, "blocks in `messages` must define tools"),
        (valid(tools=[{"name": "f"}]), "tools.0.custom.input_schema: Field required"),
        (valid(tools=[{"name": "f", "input_schema": {"type": "array"}}]), "type: Input should be 'object'"),
        (valid(tools=[TOOL | {"name": "a b"}]), "tools.0.custom.name: String should match"),
        (valid(tools=[TOOL, TOOL]), "Tool names must be unique"),
        (valid(tool_choice={"type": "auto"}), "tool_choice may only be specified while providing `tools`"),
        (valid(tools=[TOOL], tool_choice={"type": "tool", "name": "g"}), "Tool 'g' not found in provided tools"),
        (valid(tools=[TOOL], tool_choice="auto"), "tool_choice: "),
        (valid(messages=[user(*(text("a", **MARK) for _ in range(4)))], tools=[TOOL | MARK]), "Found 5"),
        (valid(thinking={"type": "enabled"}), "thinking.enabled.budget_tokens: Field required"),
        (valid(thinking={"type": "enabled", "budget_tokens": 1023}), "greater than or equal to 1024"),
        (valid(thinking={"type": "enabled", "budget_tokens": 4096}), "must be greater than `thinking.budget_tokens`"),
        (valid(thinking=ENABLED, temperature=0.5), "`temperature` may only be set to 1"),
        (valid(thinking=ENABLED, top_p=0.9), "`top_p` must be"),
        (valid(thinking=ENABLED, top_k=9), "`top_k` must be unset"),
        (valid(thinking=ENABLED, tools=[TOOL], tool_choice={"type": "any"}), "tool_choice forces tool use"),
        (valid(thinking=ENABLED, messages=[USER, assistant(text("led"))]), "found `text`"),
        (loop(use(), thinking=ENABLED),
         "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`"),
        (loop(text("so"), THOUGHT, use(), thinking=ENABLED), "found `text`"),
        (loop(THOUGHT | {"thinking": "Hm!"}, use()),
         "messages.1.content.0: Invalid `signature` in `thinking` block"),
        (loop(THOUGHT | {"signature": "Rm9yZ2Vk"}, use()), "Invalid `signature` in `thinking` block"),
        (loop(THOUGHT | {"signature": "no base64"}, use()), "Invalid `signature` in `thinking` block"),
        (loop(THOUGHT | {"signature": HIDDEN["data"]}, use()), "Invalid `signature` in `thinking` block"),
        (loop({"type": "thinking", "thinking": "Hm."}, use()), "thinking.signature: Field required"),
        (loop(HIDDEN | {"data": THOUGHT["signature"]}, use()), "Invalid `data` in `redacted_thinking` block"),
        (valid(model="MiniMax-M2", thinking=ENABLED, messages=[USER, assistant(THOUGHT | {"thinking": "?"}), USER]),
         "Invalid `signature`"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_at_its_place(body: object, said: str) -> None:
    with pytest.raises(Refusal) as raised:
        read(body)
    assert said in raised.value.message
    assert raised.value.status == 400


SAMPLED = {"temperature": 0.5}
FORCED = {"tools": [TOOL], "tool_choice": {"type": "any"}}
LED = {"messages": [USER, assistant(text("led"))]}
BUDGET = {"thinking": ENABLED}
ADAPTIVE = {"thinking": {"type": "adaptive"}}
OFF = {"thinking": {"type": "disabled"}}
SYSTEM = {"messages": [USER, {"role": "system", "content": "a"}]}
RULES: dict[str, dict[str, Any]] = {
    "sampled": SAMPLED,
    "forced": FORCED,
    "led": LED,
    "budget": BUDGET,
    "adaptive": ADAPTIVE,
    "off": OFF,
    "system": SYSTEM,
}


@pytest.mark.parametrize(
    ("model", "refused"),
    [
        ("chat", ""),
        ("claude-3-7-sonnet-20250219", "adaptive system"),
        ("claude-sonnet-4-20250514", "adaptive system"),
        ("claude-opus-4-5", "adaptive system"),
        ("anthropic/claude-haiku-4.5", "adaptive system"),
        ("claude-sonnet-4-6", "led system"),
        ("claude-opus-4-7", "sampled led budget system"),
        ("claude-opus-4-8", "sampled led budget"),
        ("claude-sonnet-5", "sampled led budget"),
        ("claude-haiku-5-5", "sampled led budget"),
        ("claude-sonnet-5-5", "sampled forced led budget off"),
        ("claude-opus-5-5+think(3)", "sampled forced led budget off"),
        ("claude-fable-5", "sampled led budget off"),
        ("claude-fable-5-1", "sampled forced led budget off"),
        ("claude-mythos-preview", "sampled led off"),
    ],
)
def test_a_model_refuses_what_it_does_not_take(model: str, refused: str) -> None:
    found = []
    for name, more in RULES.items():
        try:
            read(valid(model=model, **more))
        except Refusal:
            found.append(name)
    assert found == refused.split()


def test_the_version_must_be_said_and_the_newest_refuses_sampling() -> None:
    with pytest.raises(Refusal, match="anthropic-version: header is required"):
        read_question(Asked(orjson.dumps(valid())))
    read(valid(temperature=1))
    with pytest.raises(Refusal, match="`temperature` is deprecated"):
        read_question(Asked(orjson.dumps(valid(temperature=1)), headers={"anthropic-version": "2026-10-21"}))


def test_a_budget_may_be_that_of_a_whole_loop_where_thoughts_are_interleaved() -> None:
    beta = {"anthropic-beta": "interleaved-thinking-2025-05-14"}
    assert read(valid(thinking={"type": "enabled", "budget_tokens": 9000}), **beta).thinks


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["user", "assistant", "text", "tool_use", "f"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["role", "content", "type", "text", "id", "tool_use_id", "name", "input", "source"]), inner
        )
    ),
    max_leaves=12,
)
KEYS = ["messages", "tools", "tool_choice", "system", "thinking", "output_config", "stop_sequences", "model"]


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_no_request_confuses_the_reader(more: dict[str, Any]) -> None:
    with suppress(Refusal):
        read(valid(**more))
