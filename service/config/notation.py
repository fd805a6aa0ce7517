"""How the value of a field is written, for people: its kind, its default and its range."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from types import EllipsisType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BeforeValidator

from service.config.degradation import Texts
from service.config.quantities import format_duration, format_size, parse_duration, parse_size

LONGEST = 40
"""Characters of a default that is shown; a longer one is a text of several lines in the file that brings it."""
_KINDS: Mapping[object, str] = {
    bool: "true or false",
    date: "day",
    Decimal: "number",
    dict: "mapping",
    float: "number",
    int: "whole number",
    Texts: "text, or one each for zh and en",
    tuple: "list",
}
_QUANTITIES: Mapping[object, str] = {parse_duration: "time", parse_size: "size"}
_FORMATS: Mapping[str, Callable[[float], str]] = {
    "time": format_duration,
    "size": lambda size: format_size(int(size)),
}


def kind_of(annotation: object, metadata: Sequence[object] = ()) -> str:
    """Such as `time`, `whole number`, `list` or `'a', 'b' or 'c'`."""
    for part in metadata:
        if isinstance(part, BeforeValidator) and (quantity := _QUANTITIES.get(part.func)):
            return quantity
    args, origin = get_args(annotation), get_origin(annotation)
    if origin is Annotated:
        return kind_of(args[0], args[1:])
    if origin in (Union, UnionType):
        return kind_of(next(arg for arg in args if arg is not type(None)))
    if origin is Literal:
        return " or ".join(", ".join(map(str, args)).rsplit(", ", 1))
    return _KINDS.get(origin or annotation, "text")


def default_of(value: object, kind: str) -> str:
    """As it would be written; `...` is a field that must be."""
    match value:
        case EllipsisType():
            return "required"
        case None:
            return "unset"
        case bool():
            return str(value).lower()
        case float() | int():
            return _FORMATS.get(kind, str)(value)
        case tuple():
            return f"[{', '.join(map(str, value))}]"
        case dict():
            return "{}"
    text = str(value)
    return "empty" if not text else text if len(text) <= LONGEST else "built in"


def range_of(metadata: Sequence[object], kind: str) -> str:
    """From where to where, and how long at most; empty if it has no limits."""
    found = {name: limit for part in metadata for name, limit in _limits(part)}
    shown = _FORMATS.get(kind, str)
    most = found.get("max_length")
    if most is not None:
        return f"at most {most:,} {'characters' if kind == 'text' else 'entries'}"
    return f"{shown(found['ge'])} to {shown(found['le'])}" if {"ge", "le"} <= found.keys() else ""


def _limits(part: object) -> Iterator[tuple[str, float]]:
    for name in ("ge", "le", "max_length"):
        limit = getattr(part, name, None)
        if isinstance(limit, int | float):
            yield name, limit
