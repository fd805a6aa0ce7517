"""Closes the objects of a schema: this protocol takes none whose objects may have members that it does not name."""

from service.providers.schemas import rewritten
from service.providers.values import Json, objects_of

_MORE = "additionalProperties"


class StaysOpen(ValueError):
    """An object that cannot be closed: the schema means it to have members of any name."""


def closed(schema: object) -> object:
    """The schema with `additionalProperties: false` on every object that leaves it unsaid.

    Raises StaysOpen where that would say something else: an object of which no member is named could only be empty, and
    closed objects that are to fit at once (`allOf`) fit nothing.
    """
    return rewritten(schema, _closed)


def _closed(schema: Json) -> Json:
    if any(_is_unsaid(part) for part in objects_of(schema.get("allOf"))):
        raise StaysOpen
    if not _is_unsaid(schema):
        if schema.get(_MORE, False) is not False:
            raise StaysOpen
        return schema
    if not schema.get("properties"):
        raise StaysOpen
    return {**schema, _MORE: False}


def _is_unsaid(schema: Json) -> bool:
    """Whether it is one of objects and does not say whether they may have more members."""
    kind = schema.get("type")
    of_objects = kind == "object" or (isinstance(kind, list) and "object" in kind)
    return _MORE not in schema and (of_objects or (kind is None and "properties" in schema))
