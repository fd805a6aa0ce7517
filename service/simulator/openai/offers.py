"""Reads `tools`, `tool_choice` and `parallel_tool_calls`: what may be called, and what must be."""

import re
from collections.abc import Mapping

from service.simulator.openai.refusals import missing, wrong_type, wrong_value
from service.simulator.openai.strictness import check_strict
from service.simulator.question import Mode, Tool, Toolbox

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MAX_TOOLS = 128


def read_toolbox(body: Mapping[str, object]) -> Toolbox:
    """The tools that this request lets the simulator call; raises `Refusal`."""
    tools = _tools(body.get("tools"))
    choice = body.get("tool_choice")
    if choice is not None and body.get("tools") is None:
        raise wrong_value("tool_choice", "to be set only when 'tools' are")
    chosen, mode = _choice(choice, tools)
    return Toolbox(chosen, mode, body.get("parallel_tool_calls") is not False)


def _tools(given: object) -> tuple[Tool, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > _MAX_TOOLS:
        raise wrong_type("tools", f"an array of at most {_MAX_TOOLS} tools")
    read = (_tool(item, f"tools[{n}]") for n, item in enumerate(given))
    return tuple(tool for tool in read if tool is not None)


def _tool(given: object, at: str) -> Tool | None:
    """A function; None for a custom or a hosted tool, which is known but never called."""
    if not isinstance(given, Mapping):
        raise wrong_type(at, "an object")
    kind = given.get("type", "function" if "function" in given else None)  # Mistral's users leave it out
    if not isinstance(kind, str):
        raise missing(f"{at}.type")
    if kind != "function":
        return None
    if not isinstance(function := given.get("function"), Mapping):
        raise missing(f"{at}.function")
    name, parameters = function.get("name"), function.get("parameters")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise wrong_value(f"{at}.function.name", "1 to 64 letters, digits, underscores or hyphens")
    if not isinstance(parameters, Mapping | None):
        raise wrong_type(f"{at}.function.parameters", "a JSON schema")
    if function.get("strict") is True:
        check_strict(name, parameters or {}, at)
    return Tool(name, parameters or {})


def _choice(given: object, tools: tuple[Tool, ...]) -> tuple[tuple[Tool, ...], Mode]:
    match given:
        case None | "auto":
            return tools, "auto"
        case "none":
            return (), "none"
        case "required" | "any":
            return tools, "required"
        case {"type": "function", "function": {"name": str(name)}}:
            return _named((name,), tools), "required"
        case {"type": "allowed_tools", "allowed_tools": {"mode": mode, "tools": list(allowed)}}:
            offered = _named(tuple(_allowed(entry) for entry in allowed), tools)
            return offered, "required" if mode == "required" else "auto"
        case _:
            raise wrong_value("tool_choice", "none, auto, required or {type: function, function: {name}}")


def _allowed(entry: object) -> str:
    match entry:
        case {"type": "function", "function": {"name": str(name)}}:
            return name
        case _:
            raise wrong_value("tool_choice", "allowed tools as {type: function, function: {name}}")


def _named(names: tuple[str, ...], tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
    for name in names:
        if all(tool.name != name for tool in tools):
            raise wrong_value("tool_choice", f"a tool that is offered; '{name}' is not")
    return tuple(tool for tool in tools if tool.name in names)
