"""Embeds the JSON Schemas of a request, less the keywords that a provider refuses."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import TypeAlias

import orjson

from service.providers.listener import AnyListener
from service.providers.refusals import invalid
from service.providers.values import Json

Change: TypeAlias = Callable[[Json], Json]
"""Writes one schema anew; what stands in it is seen to afterwards."""
_DEEPEST = 100
"""Levels of a schema that are looked at; no real one comes near."""
_NAMES = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""Keywords whose members are names of the caller's, each with a schema."""
_VALUES = frozenset({"const", "enum", "default", "example", "examples"})
"""Keywords whose values are no schemas."""


def embedded(text: str, path: str) -> orjson.Fragment:
    """The text as it stands, once it is known to be JSON. Raises Failure if it is not."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as cause:
        raise invalid(path, f"is not JSON ({cause})") from cause
    return orjson.Fragment(text)


def without(keywords: AbstractSet[str], text: str, path: str, listener: AnyListener) -> object:
    """The schema less those keywords; each is noted. The text is known to be JSON."""
    found: set[str] = set()

    def pruned(schema: Json) -> Json:
        found.update(schema.keys() & keywords)
        return {name: value for name, value in schema.items() if name not in keywords}

    schema = rewritten(orjson.loads(text), pruned)
    if found:
        listener.drops(path, f"keywords {', '.join(sorted(found))}")
    return schema


def rewritten(schema: object, change: Change) -> object:
    """The schema with each schema in it, its own included, as `change` has it; the outer ones are changed first."""
    return _rewritten(schema, change, _DEEPEST)


def _rewritten(schema: object, change: Change, depth: int) -> object:
    if depth == 0:
        return schema
    if isinstance(schema, list):
        return [_rewritten(item, change, depth - 1) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _member(name, value, change, depth - 1) for name, value in change(schema).items()}


def _member(name: str, value: object, change: Change, depth: int) -> object:
    if name in _VALUES:
        return value
    if name in _NAMES and isinstance(value, dict):
        return {own: _rewritten(schema, change, depth) for own, schema in value.items()}
    return _rewritten(value, change, depth)
