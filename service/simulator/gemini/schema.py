"""The subset of OpenAPI that `parameters` and `responseSchema` take: any other keyword is an unknown field."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AliasChoices, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from service.simulator.gemini.refusals import wrong
from service.simulator.gemini.shape import Free, Shape

_KINDS = ("unspecified", "string", "number", "integer", "boolean", "array", "object", "null")


def _kind(given: object) -> object:
    """A type, however it is written, as JSON schema has it."""
    if isinstance(given, int) and 0 <= given < len(_KINDS):
        return _KINDS[given]
    if isinstance(given, str) and (kind := given.lower().removeprefix("type_")) in _KINDS:
        return kind
    raise PydanticCustomError("enum", "type.googleapis.com/google.ai.generativelanguage.v1beta.Type")


class Schema(Shape):
    """A schema."""

    type: Annotated[str, BeforeValidator(_kind)] | None = None
    format: str | None = None
    title: str | None = None
    description: str | None = None
    nullable: bool | None = None
    enum: list[str] | None = None
    properties: "dict[str, Schema] | None" = None
    required: list[str] | None = None
    items: "Schema | None" = None
    any_of: "list[Schema] | None" = None
    property_ordering: list[str] | None = None
    default: Free = None
    example: Free = None
    minimum: float | None = None
    maximum: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    min_properties: int | None = None
    max_properties: int | None = None
    pattern: str | None = None
    additional_properties: Free = None
    ref: str | None = Field(None, validation_alias=AliasChoices("$ref", "ref"))
    defs: "dict[str, Schema] | None" = Field(None, validation_alias=AliasChoices("$defs", "defs"))


def check_schema(schema: Schema, at: str) -> None:
    """Raise `Refusal` where a schema contradicts itself."""
    for number, name in enumerate(schema.required or ()):
        if schema.properties is not None and name not in schema.properties:
            raise wrong(f"{at}.required[{number}]", "property is not defined")
    if schema.type == "array" and schema.items is None:
        raise wrong(f"{at}.items", "missing field.")
    for name, inner in (schema.properties or {}).items():
        check_schema(inner, f"{at}.properties[{name}]")
    if schema.items is not None:
        check_schema(schema.items, f"{at}.items")
    for number, inner in enumerate(schema.any_of or ()):
        check_schema(inner, f"{at}.any_of[{number}]")


def as_json_schema(schema: Schema) -> Mapping[str, object]:
    """The same in JSON schema's words."""
    words = schema.model_dump(by_alias=True, exclude_none=True)
    return _with_dollars(words)


def _with_dollars(words: dict[str, object]) -> dict[str, object]:
    return {
        {"ref": "$ref", "defs": "$defs"}.get(key, key): _with_dollars(value) if isinstance(value, dict) else value
        for key, value in words.items()
    }
