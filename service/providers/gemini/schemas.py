"""Puts JSON Schema into the words of Google's own `Schema`, a subset with types in capitals (PROVIDERS.md 4.5)."""

import orjson

from service.providers.gemini.listener import Listener
from service.providers.refusals import invalid, unsupported
from service.providers.values import Json, object_of, objects_of, word_of

DEEPEST = 32
"""Levels of the schema that comes out. One that contains itself has no end, and cannot be said."""
MOST_SCHEMAS = 5_000
"""Schemas that one may come to once its references stand for what they name."""
MOST_BYTES = 1_048_576
"""And what all they say in words, values and names: a reference repeats what it names."""
MOST_MERGED = 50_000
"""Names of properties that are looked at to make one schema of several."""

_SAME = frozenset(
    {
        *("format", "title", "description", "nullable", "required", "minItems", "maxItems", "minimum", "maximum"),
        *("minLength", "maxLength", "pattern", "minProperties", "maxProperties", "propertyOrdering"),
        *("default", "example"),
    }
)
_KNOWN = _SAME | {"type", "enum", "const", "properties", "items", "anyOf", "oneOf", "allOf", "$ref", "$defs"}
_SILENT = frozenset({"$schema", "$id", "$comment", "definitions"})
"""What says nothing of a value."""


def in_googles_words(text: str, path: str, listener: Listener) -> Json:
    """The schema; keywords that have no word are left out and noted.

    Raises Failure for what is no schema, and UNSUPPORTED for one that contains itself or is too large.
    """
    schema = orjson.loads(text)
    if not isinstance(schema, dict):
        raise invalid(path, "is not a JSON object")
    writer = _Writer(schema, path)
    written = writer.schema(schema, 0)
    if writer.left_out:
        listener.drops(path, f"keywords {', '.join(sorted(writer.left_out))}")
    return written


class _Writer:
    """Writes one schema."""

    def __init__(self, root: Json, path: str) -> None:
        self.left_out: set[str] = set()
        self._root = root
        self._path = path
        self._written = 0
        self._merged_names = 0
        self._bytes = 0

    def schema(self, said: Json, depth: int) -> Json:
        said = self._merged(said, depth)
        self.left_out |= said.keys() - _KNOWN - _SILENT
        written = {name: value for name, value in said.items() if name in _SAME}
        written |= self._type(said) | self._enum(said)
        self._bytes += len(orjson.dumps(written)) + sum(map(len, object_of(said.get("properties"))))
        self._expect_room(self._bytes <= MOST_BYTES)
        if isinstance(properties := said.get("properties"), dict):
            written["properties"] = {name: self.schema(object_of(of), depth + 1) for name, of in properties.items()}
        if isinstance(items := said.get("items"), dict):
            written["items"] = self.schema(items, depth + 1)
        if choices := objects_of(said.get("anyOf")) or objects_of(said.get("oneOf")):
            written |= self._choices(choices, depth)
        return written

    def _merged(self, said: Json, depth: int) -> Json:
        """With what `$ref` and `allOf` say put in; what stands beside them goes before."""
        self._written += 1
        self._expect_room(depth <= DEEPEST and self._written <= MOST_SCHEMAS)
        parts = [*objects_of(said.get("allOf")), *([self._found(word_of(said["$ref"]))] if "$ref" in said else [])]
        merged = {name: value for name, value in said.items() if name not in ("allOf", "$ref")}
        for part in parts:
            part = self._merged(part, depth + 1)
            properties = {**object_of(part.get("properties")), **object_of(merged.get("properties"))}
            required = [*_words(merged.get("required")), *_words(part.get("required"))]
            self._merged_names += len(properties) + len(required)
            self._expect_room(self._merged_names <= MOST_MERGED)
            merged = {**part, **merged}
            if properties:
                merged["properties"] = properties
            if required:
                merged["required"] = list(dict.fromkeys(required))
        return merged

    def _expect_room(self, there_is: bool) -> None:
        if not there_is:
            raise unsupported(self._path, "is too deep or too large for this model, or contains itself")

    def _found(self, reference: str) -> Json:
        if not reference.startswith("#"):
            raise unsupported(self._path, "refers to a schema elsewhere")
        at: object = self._root
        for step in filter(None, reference[1:].split("/")):
            at = object_of(at).get(step.replace("~1", "/").replace("~0", "~"))
        if not isinstance(at, dict):
            raise invalid(self._path, "refers to a schema that is not there")
        return at

    def _type(self, said: Json) -> Json:
        kinds = [said["type"]] if isinstance(said.get("type"), str) else _words(said.get("type"))
        named = [str(kind).upper() for kind in kinds if kind != "null"]
        nullable: Json = {"nullable": True} if len(named) < len(kinds) else {}
        if len(named) > 1:
            return nullable | {"anyOf": [{"type": kind} for kind in named]}
        if named:
            return nullable | {"type": named[0]}
        return nullable | ({"type": "OBJECT"} if "properties" in said else {})

    def _enum(self, said: Json) -> Json:
        """Only texts can be enumerated."""
        values = [said["const"]] if "const" in said else said.get("enum")
        if not isinstance(values, list):
            return {}
        nullable: Json = {"nullable": True} if None in values else {}
        texts = [value for value in values if value is not None]
        if all(isinstance(value, str) for value in texts):
            return nullable | {"type": "STRING", "enum": texts}
        self.left_out.add("const" if "const" in said else "enum")
        return nullable

    def _choices(self, choices: list[Json], depth: int) -> Json:
        named = [choice for choice in choices if choice.get("type") != "null"]
        nullable: Json = {"nullable": True} if len(named) < len(choices) else {}
        if len(named) == 1:
            return self.schema(named[0], depth + 1) | nullable
        return nullable | {"anyOf": [self.schema(choice, depth + 1) for choice in named]}


def _words(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
