"""An example value for a JSON schema, always the same one: the arguments of simulated tool calls."""

from collections.abc import Mapping, Sequence
from math import ceil, floor, inf, isfinite

from service.simulator.question import Schema

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]

_DEPTH = 12  # levels of a recursive schema that are followed
_VALUES = 10_000  # values that one example may hold
_ITEMS = 16  # items and characters that `minItems` and `minLength` may demand
_FORMATS = {
    "date": "2026-01-01",
    "time": "12:00:00Z",
    "date-time": "2026-01-01T12:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def example(schema: Schema) -> Value:
    """A value that fits `schema`: required properties only, the first choice of every choice."""
    return _Example(schema).value(schema, "value", 0)


class _Example:
    """Knows the whole schema, which `$ref` points into."""

    def __init__(self, root: Schema) -> None:
        self._root = root
        self._left = _VALUES

    def value(self, schema: object, name: str, depth: int) -> Value:
        """The example for `schema`; strings repeat the property's `name`."""
        self._left -= 1
        if not isinstance(schema, Mapping) or depth > _DEPTH or self._left < 0:
            return None
        if isinstance(choices := schema.get("enum"), list) and choices:
            return _plain(choices[0])
        for fixed in ("const", "default"):
            if fixed in schema:
                return _plain(schema[fixed])
        if isinstance(reference := schema.get("$ref"), str):
            return self.value(self._resolve(reference), name, depth + 1)
        for key in ("anyOf", "oneOf", "allOf"):
            if isinstance(choices := schema.get(key), list) and choices:
                return self.value(choices[0], name, depth + 1)
        return self._typed(schema, name, depth)

    def _typed(self, schema: Schema, name: str, depth: int) -> Value:
        match _kind(schema):
            case "object":
                return self._object(schema, depth)
            case "array":
                item = self.value(schema.get("items", {"type": "string"}), name, depth + 1)
                return [item] * max(1, min(_count(schema, "minItems", 1), _ITEMS))
            case "integer":
                return int(_within(schema))
            case "number":
                return _within(schema)
            case "boolean":
                return True
            case "null":
                return None
            case _:
                return _string(schema, name)

    def _object(self, schema: Schema, depth: int) -> Value:
        properties = schema.get("properties")
        required = schema.get("required")
        if not isinstance(required, list):
            return {}
        known = properties if isinstance(properties, Mapping) else {}
        names = [name for name in required if isinstance(name, str)]
        return {name: self.value(known.get(name, {}), name, depth + 1) for name in names}

    def _resolve(self, reference: str) -> object:
        place: object = self._root
        for step in reference.removeprefix("#").strip("/").split("/"):
            if step:
                place = place.get(step) if isinstance(place, Mapping) else None
        return place


def _kind(schema: Schema) -> object:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    return kind[0] if isinstance(kind, list) and kind else kind


def _count(schema: Schema, key: str, default: int) -> int:
    value = schema.get(key, default)
    return int(value) if isinstance(value, int | float) else default


def _within(schema: Schema) -> float:
    """1, or else the first handy number that the bounds allow."""
    low, above = _bound(schema, "minimum", -inf), _bound(schema, "exclusiveMinimum", -inf)
    high, below = _bound(schema, "maximum", inf), _bound(schema, "exclusiveMaximum", inf)
    lowest, highest = max(low, above), min(high, below)
    handy = [1.0, (lowest + highest) / 2]
    if isfinite(lowest):
        handy[1:1] = [ceil(lowest), ceil(lowest) + 1]
    if isfinite(highest):
        handy[1:1] = [floor(highest), floor(highest) - 1]
    return next((value for value in handy if low <= value <= high and above < value < below), 1.0)


def _bound(schema: Schema, key: str, unbounded: float) -> float:
    value = schema.get(key)
    # Draft 4 wrote exclusive bounds as booleans; they bound nothing here.
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else unbounded


def _string(schema: Schema, name: str) -> str:
    value = _FORMATS.get(str(schema.get("format")), f"simulated {name.replace('_', ' ')}")
    value = value.ljust(min(_count(schema, "minLength", 0), _ITEMS), ".")
    return value[: max(0, _count(schema, "maxLength", len(value)))]


def _plain(value: object) -> Value:
    match value:
        case str() | int() | float() | None:
            return value
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case Sequence():
            return [_plain(item) for item in value]
        case _:
            return str(value)
