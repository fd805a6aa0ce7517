"""Writes tools and the choice among them in the protocol's words."""

from collections.abc import Iterator, Sequence

import orjson

from mainstay import v1 as pb
from service.providers.anthropic.listener import Listener
from service.providers.choices import ToolChoice, choice_of
from service.providers.refusals import invalid, unsupported
from service.providers.schemas import embedded
from service.providers.values import Json

_NO_PARAMETERS: Json = {"type": "object", "properties": {}}
_NONE: Json = {"type": "none"}


def tooling_of(request: pb.ChatRequest, listener: Listener, *, has_own: bool = False) -> Json:
    """The tools and what is said of them. Raises Failure. `has_own`: the caller's options bring tools along."""
    if not request.tools:
        return {} if has_own else _without_tools(request, listener)
    if not listener.dialect.tools:
        raise unsupported("tools", "this model calls none")
    choice = choice_of(request.tool_choice) if request.HasField("tool_choice") else None
    if choice is ToolChoice.NONE and choice not in _sayable(listener):
        listener.drops("tools", "that none may be called can only be said by offering none")
        return {}
    tools = [_tool(tool, f"tools[{place}]", listener) for place, tool in enumerate(request.tools)]
    return {"tools": tools, **_choice(choice, request, listener)}


def _without_tools(request: pb.ChatRequest, listener: Listener) -> Json:
    """A conversation with calls in it is refused without tools: those that were called are offered, for show."""
    for name in ("tool_choice", "parallel_tool_calls"):
        if request.HasField(name):
            listener.drops(name, "there are no tools")
    called = list(dict.fromkeys(_called(request.messages)))
    if not called or not listener.dialect.tools:
        return {}
    listener.downgrades("tools", "to the ones called before, none of which may be called")
    tools = [{"name": name, "input_schema": _NO_PARAMETERS} for name in called]
    return {"tools": tools, **({"tool_choice": _NONE} if ToolChoice.NONE in _sayable(listener) else {})}


def _called(messages: Sequence[pb.Message]) -> Iterator[str]:
    for message in messages:
        for part in message.parts:
            if part.HasField("tool_call"):
                yield part.tool_call.name


def _tool(tool: pb.Tool, path: str, listener: Listener) -> Json:
    said: Json = {"name": tool.name}
    if tool.description:
        said["description"] = tool.description
    said["input_schema"] = _schema(tool.parameters_json, f"{path}.parameters_json", listener)
    if tool.HasField("strict"):
        if listener.refuses("tools.strict"):
            listener.drops(f"{path}.strict")
        else:
            said["strict"] = tool.strict
    return said


def _schema(text: str, path: str, listener: Listener) -> object:
    """The schema, which must say that it is one of objects."""
    if not text:
        return _NO_PARAMETERS
    fragment, schema = embedded(text, path), orjson.loads(text)
    if not isinstance(schema, dict):
        raise invalid(path, "is not a JSON object")
    if "type" not in schema:
        listener.clamps(path, "objects: the schema does not say of what it is one")
        return {"type": "object", **schema}
    if schema["type"] != "object":
        raise unsupported(path, "arguments can only be an object")
    return fragment


def _choice(choice: ToolChoice | None, request: pb.ChatRequest, listener: Listener) -> Json:
    """The choice, or `auto` where it cannot be said."""
    sayable = _sayable(listener)
    if choice not in (None, ToolChoice.AUTO) and choice not in sayable:
        listener.downgrades("tool_choice", "to auto")
        choice = ToolChoice.AUTO
    serially = _serially(request, listener)
    if not sayable or (choice is None and not serially):
        return {}
    match choice:
        case ToolChoice.NONE:
            return {"tool_choice": _NONE}
        case ToolChoice.NAMED:
            said: Json = {"type": "tool", "name": request.tool_choice.tool_name}
        case ToolChoice.REQUIRED:
            said = {"type": "any"}
        case _:
            said = {"type": "auto"}
    return {"tool_choice": {**said, **({"disable_parallel_tool_use": True} if serially else {})}}


def _serially(request: pb.ChatRequest, listener: Listener) -> bool:
    """Whether it must be said that calls come one at a time; that they need not is what holds anyway."""
    if not request.HasField("parallel_tool_calls") or request.parallel_tool_calls:
        return False
    if listener.refuses("parallel_tool_calls") or not _sayable(listener):
        listener.drops("parallel_tool_calls")
        return False
    return True


def _sayable(listener: Listener) -> frozenset[ToolChoice]:
    if listener.refuses("tool_choice"):
        return frozenset()
    dialect = listener.dialect
    return dialect.tool_choices & dialect.thinking_tool_choices if listener.thinks else dialect.tool_choices
