"""Schemas with open objects are refused: they are closed if that is all that is missing, else told in words."""

from typing import Any

import orjson
import pytest

from mainstay import v1 as pb
from tests.providers.anthropic.encoding import added, changes, request, said

CLAMPED, DOWNGRADED = pb.ADJUSTMENT_ACTION_CLAMPED, pb.ADJUSTMENT_ACTION_DOWNGRADED
AT = "response_format.json_schema"
NAME = {"name": {"type": "string"}}
CLOSED = {"type": "object", "properties": NAME, "additionalProperties": False}
OPEN = {"type": "object", "properties": NAME}
FREE = {"type": "object"}
MAP = {"type": "object", "properties": NAME, "additionalProperties": {"type": "string"}}


def asked(schema: Any) -> pb.ChatRequest:
    wanted = pb.JsonSchemaFormat(name="city", schema_json=orjson.dumps(schema).decode())
    return request(response_format=pb.ResponseFormat(json_schema=wanted))


@pytest.mark.parametrize(
    ("schema", "sent"),
    [
        (OPEN, CLOSED),
        ({"properties": NAME}, {"properties": NAME, "additionalProperties": False}),
        ({**OPEN, "type": ["object", "null"]}, {**CLOSED, "type": ["object", "null"]}),
        ({**CLOSED, "properties": {"at": OPEN}}, {**CLOSED, "properties": {"at": CLOSED}}),
        ({"type": "array", "items": OPEN}, {"type": "array", "items": CLOSED}),
        ({"anyOf": [OPEN, {"type": "null"}]}, {"anyOf": [CLOSED, {"type": "null"}]}),
        ({"$ref": "#/$defs/a", "$defs": {"a": OPEN}}, {"$ref": "#/$defs/a", "$defs": {"a": CLOSED}}),
    ],
)
def test_an_object_that_says_nothing_of_other_members_has_none(schema: Any, sent: Any) -> None:
    assert said(asked(schema), json_schema=True)["output_config"]["format"]["schema"] == sent
    assert changes(asked(schema), json_schema=True) == [(f"{AT}.schema_json", CLAMPED)]


@pytest.mark.parametrize("schema", [CLOSED, {"type": "string"}, {**CLOSED, "properties": {"x": {"const": OPEN}}}])
def test_a_schema_that_is_closed_goes_out_as_it_was_written(schema: Any) -> None:
    assert said(asked(schema), json_schema=True)["output_config"]["format"]["schema"] == schema
    assert changes(asked(schema), json_schema=True) == []


@pytest.mark.parametrize(
    "schema",
    [FREE, MAP, {**OPEN, "additionalProperties": True}, {**CLOSED, "properties": {"a": FREE}}, {"allOf": [OPEN]}],
)
def test_an_object_that_is_meant_to_be_open_is_told_in_words(schema: Any) -> None:
    assert added(asked(schema), json_schema=True).keys() == {"max_tokens", "system"}
    assert orjson.dumps(schema).decode() in added(asked(schema), json_schema=True)["system"]
    assert changes(asked(schema), json_schema=True) == [(AT, DOWNGRADED)]
