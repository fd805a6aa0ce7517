"""The rules of functions, and which of them may be called."""

from collections import Counter
from collections.abc import Iterator, Mapping

from service.simulator.gemini.refusals import wrong
from service.simulator.gemini.request import FunctionDeclaration, Request
from service.simulator.gemini.schema import as_json_schema, check_schema
from service.simulator.question import Tool, Toolbox
from service.simulator.refusal import Refusal

_ANY = ("any", "validated")


def toolbox_of(request: Request) -> Toolbox:
    """The functions that this request lets the simulator call; raises `Refusal`."""
    tools = tuple(_tools(request))
    for name, times in Counter(tool.name for tool in tools).items():
        if times > 1:
            raise Refusal(f"Duplicate function declaration found: {name}", "tools")
    config = request.tool_config.function_calling_config
    if config.mode == "any" and not tools:
        raise Refusal("Function calling config is set without function_declarations.", "tool_config")
    if config.mode == "none":
        return Toolbox()
    allowed = _allowed(config.allowed_function_names or (), config.mode, tools)
    return Toolbox(allowed, "required" if config.mode == "any" else "auto")


def _tools(request: Request) -> Iterator[Tool]:
    for number, tool in enumerate(request.tools):
        for index, declared in enumerate(tool.function_declarations or ()):
            yield Tool(declared.name, _parameters(declared, f"tools[{number}].function_declarations[{index}]"))


def _parameters(declared: FunctionDeclaration, at: str) -> Mapping[str, object]:
    if declared.parameters is None:
        return declared.parameters_json_schema or {}
    if declared.parameters_json_schema is not None:
        raise wrong(at, "only one of parameters and parameters_json_schema can be set.")
    if declared.parameters.type != "object":
        raise wrong(f"{at}.parameters", "schema type should be OBJECT")
    check_schema(declared.parameters, f"{at}.parameters")
    return as_json_schema(declared.parameters)


def _allowed(names: tuple[str, ...] | list[str], mode: str, tools: tuple[Tool, ...]) -> tuple[Tool, ...]:
    if not names:
        return tools
    if mode not in _ANY:
        raise Refusal("allowed_function_names can only be set when the mode is ANY.", "tool_config")
    for name in names:
        if all(tool.name != name for tool in tools):
            raise Refusal(f"allowed_function_names must be among function_declarations; {name} is not.", "tool_config")
    return tuple(tool for tool in tools if tool.name in names)
