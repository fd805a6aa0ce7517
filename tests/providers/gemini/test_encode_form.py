"""The form of the answer, and schemas in Google's words."""

import json
import time
from typing import Any

import pytest

from mainstay import v1 as pb
from tests.providers.gemini.encoding import DOWNGRADED, DROPPED, changes, generation, refusal, request, said

OBJECT = pb.ResponseFormat(json_object=pb.JsonObjectFormat())
TOOL = pb.Tool(name="f")


def schema(text: object) -> pb.ResponseFormat:
    written = text if isinstance(text, str) else json.dumps(text)
    return pb.ResponseFormat(json_schema=pb.JsonSchemaFormat(name="n", schema_json=written, strict=True))


def test_an_object_is_asked_for_by_its_type() -> None:
    asked = request(response_format=OBJECT)
    assert generation(asked) == {"responseMimeType": "application/json"}
    assert changes(asked) == []


def test_a_schema_is_said_as_it_stands() -> None:
    asked = request(response_format=schema({"type": "object", "additionalProperties": False}))
    assert generation(asked) == {
        "responseMimeType": "application/json",
        "responseJsonSchema": {"type": "object", "additionalProperties": False},
    }
    assert changes(asked) == []


@pytest.mark.parametrize(("form", "field"), [(OBJECT, "json_object"), (schema({"a": 1}), "json_schema")])
def test_where_it_cannot_be_said_an_instruction_says_it(form: pb.ResponseFormat, field: str) -> None:
    asked = request(response_format=form, tools=[TOOL])
    assert "generationConfig" in said(asked)
    for knobs in ({"json_form": False}, {"json_with_tools": False}):
        body = said(asked, **knobs)
        assert "generationConfig" not in body
        assert "JSON" in body["systemInstruction"]["parts"][0]["text"]
        assert changes(asked, **knobs) == [(f"response_format.{field}", DOWNGRADED)]
    assert changes(request(response_format=form), json_with_tools=False) == []


def test_a_form_that_is_none_is_refused() -> None:
    assert refusal(request(response_format=pb.ResponseFormat())) == "INVALID_REQUEST: response_format: is not set"
    path = "response_format.json_schema.schema_json"
    assert refusal(request(response_format=schema("{"))).startswith(f"INVALID_REQUEST: {path}")
    assert refusal(request(response_format=schema("[]")), json_schemas=False).startswith(f"INVALID_REQUEST: {path}")


def written(text: object) -> Any:
    return generation(request(response_format=schema(text)), json_schemas=False)["responseSchema"]


def left_out(text: object) -> list[tuple[str, int]]:
    return changes(request(response_format=schema(text)), json_schemas=False)


A = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ({"type": "integer", "minimum": 1, "title": "t"}, {"type": "INTEGER", "minimum": 1, "title": "t"}),
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "STRING"}, {"type": "INTEGER"}]}),
        ({"const": "x"}, {"type": "STRING", "enum": ["x"]}),
        ({"enum": ["x", "y", None]}, {"type": "STRING", "enum": ["x", "y"], "nullable": True}),
        ({"type": "array", "items": {"type": "number"}}, {"type": "ARRAY", "items": {"type": "NUMBER"}}),
        ({"oneOf": [{"type": "string"}, A]}, {"anyOf": [{"type": "STRING"}, {
            "type": "OBJECT", "properties": {"a": {"type": "STRING"}}, "required": ["a"]}]}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, {"type": "STRING", "nullable": True}),
        ({"allOf": [A, {"properties": {"b": {"type": "null"}}, "required": ["b"]}], "title": "t"}, {
            "type": "OBJECT", "title": "t", "required": ["a", "b"],
            "properties": {"a": {"type": "STRING"}, "b": {"nullable": True}}}),
        ({"$defs": {"x/y": {"type": "string"}}, "properties": {"a": {"$ref": "#/$defs/x~1y", "title": "t"}}}, {
            "type": "OBJECT", "properties": {"a": {"type": "STRING", "title": "t"}}}),
        ({"properties": {"const": {"type": "string"}}}, {
            "type": "OBJECT", "properties": {"const": {"type": "STRING"}}}),
    ],
)  # fmt: skip
def test_a_schema_in_googles_words_means_the_same(theirs: object, ours: object) -> None:
    assert written(theirs) == ours
    assert left_out(theirs) == []


@pytest.mark.parametrize(
    "keyword",
    ["not", "if", "patternProperties", "exclusiveMinimum", "unevaluatedProperties", "additionalProperties"],
)
def test_a_keyword_without_a_word_is_left_out_and_told(keyword: str) -> None:
    theirs = {"type": "object", "properties": {"a": {"type": "string", keyword: {}}}}
    assert written(theirs) == {"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}
    assert left_out(theirs) == [("response_format.json_schema.schema_json", DROPPED)]


def test_only_texts_can_be_enumerated() -> None:
    assert written({"type": "integer", "enum": [1, 2]}) == {"type": "INTEGER"}
    assert [action for _, action in left_out({"type": "integer", "const": 1})] == [DROPPED]


@pytest.mark.parametrize(
    "hostile",
    [
        {"$ref": "https://example.org/schema"},
        {"$ref": "file:///etc/passwd"},
        {"$ref": "#"},
        {"properties": {"a": {"$ref": "#"}}},
        {"$defs": {str(n): {"allOf": [{"$ref": f"#/$defs/{n + 1}"}] * 2} for n in range(30)}, "$ref": "#/$defs/0"},
        {"$defs": {str(n): {"properties": {"a": {"$ref": f"#/$defs/{n + 1}"}, "b": {"$ref": f"#/$defs/{n + 1}"}}}
                   for n in range(30)} | {"30": {}}, "$ref": "#/$defs/0"},
    ],
)  # fmt: skip
def test_a_schema_without_an_end_or_from_elsewhere_is_refused_at_once(hostile: object) -> None:
    began = time.process_time()
    assert refusal(request(response_format=schema(hostile)), json_schemas=False).startswith("UNSUPPORTED")
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    "hostile",
    [
        {"$defs": {"b": {"required": ["p" * 9] * 9_000}}, "anyOf": [{"$ref": "#/$defs/b"}] * 2_000},
        {"$defs": {"b": {"description": "x" * 200_000}}, "anyOf": [{"$ref": "#/$defs/b"}] * 2_000},
        {"$defs": {"b": {"properties": {"x" * 200_000: {}}}}, "anyOf": [{"$ref": "#/$defs/b"}] * 2_000},
        {"allOf": [{"required": [f"a{number}"]} for number in range(4_900)]},
        {"allOf": [{"properties": {f"a{number}": {}}} for number in range(4_900)]},
    ],
    ids=["words", "text", "names", "merged words", "merged properties"],
)
def test_a_schema_that_would_become_very_large_takes_no_time_to_be_refused(hostile: dict[str, object]) -> None:
    asked = request(response_format=schema(hostile))
    began = time.process_time()
    assert refusal(asked, json_schemas=False).startswith("UNSUPPORTED")
    assert time.process_time() - began < 0.1


def test_a_reference_to_nothing_is_refused() -> None:
    asked = request(response_format=schema({"$ref": "#/$defs/x"}))
    assert refusal(asked, json_schemas=False).startswith("INVALID_REQUEST")


def test_a_schema_of_very_many_levels_is_refused_by_its_path() -> None:
    deep = '{"items":' * 5000 + "{}" + "}" * 5000
    for json_schemas in (True, False):
        assert "schema_json" in refusal(request(response_format=schema(deep)), json_schemas=json_schemas)
    deepish = '{"items":' * 100 + "{}" + "}" * 100
    assert refusal(request(response_format=schema(deepish)), json_schemas=False).startswith("UNSUPPORTED")
