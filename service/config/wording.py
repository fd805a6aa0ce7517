"""What pydantic's errors say here. Values are quoted as written, and only where no secret can be."""

from pydantic_core import ErrorDetails

from service.config.quantities import format_duration, format_size, parse_duration, parse_size
from service.config.tree import Node

_WORDS = {
    "missing": "is required",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "float_type": "must be a number, such as 0.5",
    "float_parsing": "must be a number, such as 0.5",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller whole number",
    "model_type": "must be a mapping",
    "dict_type": "must be a mapping",
    "tuple_type": "must be a list",
    "path_type": "must be text",
}
_QUOTABLE = frozenset(
    {
        "bool_parsing",
        "float_parsing",
        "greater_than_equal",
        "int_parsing",
        "int_parsing_size",
        "less_than_equal",
        "literal_error",
        "value_error",
    }
)
_MAX_QUOTED = 80


def message(error: ErrorDetails, node: Node | None) -> str:
    """The end of a sentence for one error: what must be, and what was got where that may be shown."""
    shown = node and (node.variables or error["type"] in _QUOTABLE)
    return _must(error, node) + (got(node) if node and shown else "")


def got(node: Node) -> str:
    """What was written; for a text with variables in it only their names, for they may hold a key."""
    if node.variables:
        return f" (from {', '.join(node.variables)})"
    if not isinstance(node.value, str):
        return ""
    shown = node.value if len(node.value) <= _MAX_QUOTED else node.value[:_MAX_QUOTED] + "…"
    return f" (got {shown!r})"


def _must(error: ErrorDetails, node: Node | None) -> str:
    context = error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"must be {context['expected']}"
        case "greater_than_equal":
            return f"must be at least {_bound(context['ge'], node)}"
        case "less_than_equal":
            return f"must be at most {_bound(context['le'], node)}"
        case "too_long":
            return f"has too many entries: at most {context['max_length']}"
        case kind:
            return _WORDS.get(kind, error["msg"])


def _bound(limit: float, node: Node | None) -> str:
    """The limit in the kind of unit that the value was written with."""
    text = node.value if node else None
    try:
        parse_duration(text)
    except ValueError:
        pass
    else:
        return format_duration(limit)
    try:
        parse_size(text)
    except ValueError:
        return str(limit)
    return format_size(int(limit))
