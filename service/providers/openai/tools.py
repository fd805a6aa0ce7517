"""Writes tools, the choice among them, and the form of the answer in the protocol's words."""

from collections.abc import Iterable, Mapping

import orjson

from mainstay import v1 as pb
from service.providers.openai.refusals import invalid
from service.providers.openai.values import Json

_MODES: Mapping[pb.ToolMode.ValueType, str] = {
    pb.TOOL_MODE_AUTO: "auto",
    pb.TOOL_MODE_NONE: "none",
    pb.TOOL_MODE_REQUIRED: "required",
}
_NO_PARAMETERS: Json = {"type": "object", "properties": {}}
"""Said out loud for a tool that takes none: Mistral wants to hear it."""


def tools_of(tools: Iterable[pb.Tool]) -> list[Json]:
    """The tools. Raises Failure for parameters that are not JSON."""
    return [
        {"type": "function", "function": _function(tool, f"tools[{place}].parameters_json")}
        for place, tool in enumerate(tools)
    ]


def tool_choice_of(choice: pb.ToolChoice) -> str | Json:
    """The choice. Raises Failure if it is not set."""
    if choice.HasField("tool_name"):
        return {"type": "function", "function": {"name": choice.tool_name}}
    if choice.mode not in _MODES:
        raise invalid("tool_choice", "is not set")
    return _MODES[choice.mode]


def response_format_of(form: pb.ResponseFormat) -> Json:
    """The form of the answer. Raises Failure if it is not set, or its schema is not JSON."""
    if form.HasField("json_object"):
        return {"type": "json_object"}
    if not form.HasField("json_schema"):
        raise invalid("response_format", "is not set")
    wanted = form.json_schema
    schema: Json = {
        "name": wanted.name,
        "schema": _embedded(wanted.schema_json, "response_format.json_schema.schema_json"),
    }
    if wanted.HasField("strict"):
        schema["strict"] = wanted.strict
    return {"type": "json_schema", "json_schema": schema}


def _function(tool: pb.Tool, path: str) -> Json:
    function: Json = {"name": tool.name}
    if tool.description:
        function["description"] = tool.description
    function["parameters"] = _embedded(tool.parameters_json, path) if tool.parameters_json else _NO_PARAMETERS
    if tool.HasField("strict"):
        function["strict"] = tool.strict
    return function


def _embedded(text: str, path: str) -> orjson.Fragment:
    """The text as it stands, once it is known to be JSON."""
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as cause:
        raise invalid(path, f"is not JSON ({cause})") from cause
    return orjson.Fragment(text)
