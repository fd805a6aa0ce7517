"""Writes tools and the choice among them in the protocol's words."""

from collections.abc import Mapping

from mainstay import v1 as pb
from service.providers.choices import ToolChoice, choice_of
from service.providers.gemini.listener import Listener
from service.providers.gemini.schemas import in_googles_words
from service.providers.refusals import unsupported
from service.providers.schemas import embedded
from service.providers.values import Json

_MODES: Mapping[ToolChoice, str] = {
    ToolChoice.AUTO: "AUTO",
    ToolChoice.NONE: "NONE",
    ToolChoice.REQUIRED: "ANY",
    ToolChoice.NAMED: "ANY",
}


def tooling_of(request: pb.ChatRequest, listener: Listener) -> tuple[Json, list[str]]:
    """The tools and what is said of them, and instructions where no word says it. Raises Failure."""
    choice = choice_of(request.tool_choice) if request.HasField("tool_choice") else None
    if not request.tools:
        return {}, []
    if not listener.dialect.tools:
        raise unsupported("tools", "this model calls none")
    functions = [_function(tool, f"tools[{place}]", listener) for place, tool in enumerate(request.tools)]
    body: Json = {"tools": [{"functionDeclarations": functions}]}
    if choice is not None:
        calling: Json = {"mode": _MODES[choice]}
        if choice is ToolChoice.NAMED:
            calling["allowedFunctionNames"] = [request.tool_choice.tool_name]
        body["toolConfig"] = {"functionCallingConfig": calling}
    return body, _serially(request, listener)


def _serially(request: pb.ChatRequest, listener: Listener) -> list[str]:
    """There is no switch for one call at a time."""
    if not request.HasField("parallel_tool_calls") or request.parallel_tool_calls:
        return []
    listener.downgrades("parallel_tool_calls", "to an instruction")
    return ["Call at most one tool at a time, and wait for its result before you call another."]


def _function(tool: pb.Tool, path: str, listener: Listener) -> Json:
    function: Json = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    if tool.strict:
        listener.drops(f"{path}.strict", "this protocol has no such switch")
    if tool.parameters_json:
        function |= _parameters(tool.parameters_json, f"{path}.parameters_json", listener)
    return function


def _parameters(text: str, path: str, listener: Listener) -> Json:
    schema = embedded(text, path)
    if listener.dialect.json_schemas:
        return {"parametersJsonSchema": schema}
    parameters = in_googles_words(text, path, listener)
    return {"parameters": parameters} if parameters.get("properties") else {}  # an object without any is refused
