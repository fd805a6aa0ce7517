"""What OpenAI demands of a schema that is to be followed strictly: objects say all of their properties and no more."""

from collections.abc import Iterator, Mapping

from service.simulator.question import Schema
from service.simulator.refusal import Refusal

_NO_MORE = "'additionalProperties' is required to be supplied and to be false"
_ALL = "'required' is required to be supplied and to be an array including every key in properties"


def check_strict(name: str, schema: Schema, at: str) -> None:
    """Raise `Refusal` unless the parameters of the function `name` can be followed strictly."""
    for place in _objects(schema):
        if complaint := _complaint(place):
            message = f"Invalid schema for function '{name}': {complaint}."
            raise Refusal(message, f"{at}.function.parameters", "invalid_function_parameters")


def _complaint(place: Schema) -> str | None:
    if place.get("additionalProperties") is not False:
        return _NO_MORE
    properties, required = place.get("properties"), place.get("required")
    wanted = set(properties) if isinstance(properties, Mapping) else set()
    return _ALL if wanted - set(required if isinstance(required, list) else ()) else None


def _objects(schema: Schema) -> Iterator[Schema]:
    """Every schema of an object in `schema`; an example that looks like one is taken for one."""
    left: list[object] = [schema]
    while left:
        match found := left.pop():
            case Mapping():
                if found.get("type") == "object":
                    yield found
                left += found.values()
            case list():
                left += found
