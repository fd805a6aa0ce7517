"""Writes tools and the choice among them in the protocol's words."""

from collections.abc import Sequence

import orjson

from mainstay import v1 as pb
from service.providers.choices import ToolChoice, choice_of
from service.providers.openai.listener import Listener
from service.providers.refusals import unsupported
from service.providers.schemas import embedded, without
from service.providers.values import Json

_NO_PARAMETERS: Json = {"type": "object", "properties": {}}
"""Said out loud for a tool that takes none: Mistral wants to hear it."""


def tooling_of(request: pb.ChatRequest, listener: Listener) -> Json:
    """The tools and what is said of them. Raises Failure."""
    if request.tools and not listener.dialect.tools:
        raise unsupported("tools", "this model calls none")
    body: Json = {"tools": _tools(request.tools, listener)} if request.tools else {}
    if request.HasField("tool_choice"):
        choice = choice_of(request.tool_choice)
        if choice is ToolChoice.NONE and choice not in _sayable(listener):
            if request.tools:
                listener.drops("tools", "that none may be called can only be said by offering none")
            return {}
        body |= _choice(choice, request.tool_choice.tool_name, listener)
    if request.HasField("parallel_tool_calls") and not listener.leaves_out("parallel_tool_calls"):
        body["parallel_tool_calls"] = request.parallel_tool_calls
    return body


def _choice(choice: ToolChoice, name: str, listener: Listener) -> Json:
    """The choice, or `auto` where it cannot be said; `auto` itself needs no word where there is none."""
    sayable = _sayable(listener)
    if choice not in sayable and choice is not ToolChoice.AUTO:
        listener.downgrades("tool_choice", "to auto")
        choice = ToolChoice.AUTO
    if choice not in sayable:
        return {}
    match choice:
        case ToolChoice.NAMED:
            return {"tool_choice": {"type": "function", "function": {"name": name}}}
        case ToolChoice.REQUIRED:
            return {"tool_choice": listener.dialect.required_word}
        case ToolChoice.AUTO | ToolChoice.NONE:
            return {"tool_choice": choice.value}


def _sayable(listener: Listener) -> frozenset[ToolChoice]:
    if listener.refuses("tool_choice"):
        return frozenset()
    dialect = listener.dialect
    return dialect.tool_choices & dialect.thinking_tool_choices if listener.thinks else dialect.tool_choices


def _tools(tools: Sequence[pb.Tool], listener: Listener) -> list[Json]:
    return [
        {"type": "function", "function": _function(tool, f"tools[{place}]", listener)}
        for place, tool in enumerate(tools)
    ]


def _function(tool: pb.Tool, path: str, listener: Listener) -> Json:
    function: Json = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = _parameters(tool.parameters_json, f"{path}.parameters_json", listener)
    if tool.HasField("strict"):
        if listener.refuses("tools.strict"):
            listener.drops(f"{path}.strict")
        else:
            function["strict"] = tool.strict
    return function


def _parameters(text: str, path: str, listener: Listener) -> orjson.Fragment | object:
    if not text:
        return _NO_PARAMETERS
    schema = embedded(text, path)
    keywords = listener.dialect.schema_drops
    if not any(f'"{keyword}"' in text for keyword in keywords):
        return schema
    return without(keywords, text, path, listener)
