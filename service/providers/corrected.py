"""A dialect as an operator knows it, who knows the model better than the catalog does."""

from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any, TypeVar

from service.chat.capabilities import Capabilities, Reasoning
from service.providers.choices import FORCED

D = TypeVar("D", bound=Any)


def corrected(dialect: D, said: Capabilities) -> D:
    """The same dialect, of whatever protocol, where nothing is said; what the protocol has no field for stays out."""
    there = {field.name for field in fields(dialect)}
    changes = {name: value for name, value in _changes(dialect, said) if name in there and value is not None}
    changed: D = replace(dialect, **changes) if changes else dialect
    return changed


def _changes(dialect: Any, said: Capabilities) -> Iterator[tuple[str, object]]:
    yield "tools", said.tools
    yield "images", said.images
    yield "files", said.files
    yield "prefill", said.prefill
    yield "json_schema", said.json_schema
    yield "json_form", said.json_schema
    if said.images or said.files:
        yield "flatten_text", False
    if said.forced_tool_choice is not None and hasattr(dialect, "tool_choices"):
        yield (
            "tool_choices",
            dialect.tool_choices | FORCED if said.forced_tool_choice else dialect.tool_choices - FORCED,
        )
    if said.reasoning is not None:
        yield "always_thinks", said.reasoning is Reasoning.ALWAYS
    if said.reasoning in (Reasoning.ALWAYS, Reasoning.NONE):
        yield "thinks_by_default", said.reasoning is Reasoning.ALWAYS
