"""What the simulator answers."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.simulator.answers import Answer, answer
from service.simulator.arguments import example
from service.simulator.openai.reading import read_question
from service.simulator.tokens import count, tokens


def ask(text: str, length: int | None = None, **more: Any) -> Answer:
    messages = more.pop("messages", [{"role": "user", "content": text}])
    return answer(read_question(orjson.dumps({"model": "chat", "messages": messages, **more})), length)


def tool(name: str) -> dict[str, Any]:
    return {"type": "function", "function": {"name": name}}


def called(text: str, **more: Any) -> list[str]:
    tools = [tool(name) for name in ("get_weather", "add", "look-up")]
    return [call.name for call in ask(text, **{"tools": tools, **more}).calls]


@given(st.text())
def test_tokens_lose_nothing(text: str) -> None:
    assert "".join(tokens(text)) == text
    assert count(text) == len(list(tokens(text)))


def test_a_han_character_is_a_token_and_a_word_is_one() -> None:
    assert list(tokens("什么是gRPC? go on")) == ["什", "么", "是", "gRPC", "?", " go", " on"]


def test_an_english_question_gets_an_english_answer_that_says_it_is_simulated() -> None:
    said = ask("what is machine learning?").text
    assert said.startswith("This answer is simulated")
    assert "what is machine learning?" in said
    assert "find rules in data" in said


def test_a_chinese_question_gets_a_chinese_answer_that_says_it_is_simulated() -> None:
    said = ask("什么是机器学习?").text
    assert said.startswith("这是模拟的回答")
    assert "机器学习让程序从数据中归纳规律" in said
    assert 2 <= said.count("。") <= 4


@given(st.integers(0, 400), st.sampled_from(["hello", "你好", "word " * 200]))
def test_a_length_that_was_asked_for_is_exact(length: int, text: str) -> None:
    got = ask(text, length)
    assert (got.completion_tokens(), got.finish) == (length, "stop")


def test_the_answer_ends_before_a_stop_sequence() -> None:
    whole = ask("hello").text
    got = ask("hello", stop=["model", " no"])
    assert got.text == whole[: whole.index(" no")]
    assert got.finish == "stop"


def test_max_tokens_ends_a_text_that_is_longer_and_no_other() -> None:
    assert ask("hello", 10, max_completion_tokens=10).finish == "stop"
    cut = ask("hello", 11, max_completion_tokens=10)
    assert (cut.completion_tokens(), cut.finish) == (10, "length")


def test_an_answer_that_was_begun_is_continued() -> None:
    whole = ask("hello").text
    begun = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": whole[:20]}]
    assert ask("", messages=begun).text == whole[20:]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("what is the weather?", []),
        ("please Get Weather in Oslo", ["get_weather"]),
        ("用get_weather查一下", ["get_weather"]),
        ("look-up, then add", ["add", "look-up"]),
        ("my address, in additional words", []),
    ],
)
def test_auto_calls_the_tools_whose_names_are_in_the_text(text: str, names: list[str]) -> None:
    assert called(text) == names


def test_a_demand_is_met_by_the_named_tools_or_else_the_first() -> None:
    assert called("hello", tool_choice="required") == ["get_weather"]
    assert called("add it", tool_choice="required") == ["add"]
    assert called("hello", tool_choice=tool("add")) == ["add"]


def test_no_tool_is_called_when_that_is_forbidden_and_one_when_not_in_parallel() -> None:
    assert called("add, look-up", tool_choice="none") == []
    assert called("add, look-up", parallel_tool_calls=False) == ["add"]


def test_structured_output_fits_its_schema() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 4}}, "required": ["n"]}
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert json.loads(ask("hello", response_format=form).text) == {"n": 4}
    assert "answer" in json.loads(ask("hello", response_format={"type": "json_object"}).text)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "simulated value"),
        ({"type": "string", "maxLength": 4}, "simu"),
        ({"type": "string", "format": "date"}, "2026-01-01"),
        ({"type": "boolean"}, True),
        ({"type": ["integer", "null"], "exclusiveMinimum": 7}, 8),
        ({"type": "number", "minimum": 0.25, "maximum": 0.75}, 0.5),
        ({"type": "integer", "maximum": -3}, -3),
        ({"enum": ["c", "f"]}, "c"),
        ({"const": 3}, 3),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [1, 1]),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, None),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"type": "integer"}}}, 1),
        (
            {"properties": {"a_b": {"type": "string"}, "optional": {"type": "string"}}, "required": ["a_b"]},
            {"a_b": "simulated a b"},
        ),
    ],
)
def test_an_example_fits_its_schema(schema: dict[str, Any], value: object) -> None:
    assert example(schema) == value


def test_a_schema_that_contains_itself_has_an_end() -> None:
    names = [f"p{n}" for n in range(30)]
    endless = {"type": "object", "properties": {name: {"$ref": "#"} for name in names}, "required": names}
    assert isinstance(example(endless), dict)
