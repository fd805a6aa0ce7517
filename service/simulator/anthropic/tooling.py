"""The rules of tools, and what of them may be called."""

from collections import Counter

from service.simulator.anthropic.blocks import ToolResult, ToolUse
from service.simulator.anthropic.family import Family
from service.simulator.anthropic.offers import Any, Auto, Named, Nothing, Tool
from service.simulator.anthropic.request import Request
from service.simulator.anthropic.turns import Turn
from service.simulator.question import Tool as Offered
from service.simulator.question import Toolbox
from service.simulator.refusal import Refusal

_UNDEFINED = "Requests which have `tool_use` or `tool_result` blocks in `messages` must define tools."


def toolbox_of(request: Request, turns: tuple[Turn, ...], family: Family) -> Toolbox:
    """The tools that this request lets the simulator call; raises `Refusal`."""
    if not request.tools:
        _expect_no_tools(request, turns)
        return Toolbox()
    names = Counter(tool.name for tool in request.tools if isinstance(tool, Tool))
    if any(times > 1 for times in names.values()):
        raise Refusal("tools: Tool names must be unique.", "tools")
    offered = tuple(Offered(tool.name, tool.input_schema) for tool in request.tools if isinstance(tool, Tool))
    return _chosen(request, offered, family)


def _expect_no_tools(request: Request, turns: tuple[Turn, ...]) -> None:
    if any(isinstance(placed.block, ToolUse | ToolResult) for turn in turns for placed in turn.blocks):
        raise Refusal(_UNDEFINED, "tools")
    if request.tool_choice is not None and not request.mcp_servers:
        raise Refusal("tool_choice may only be specified while providing `tools`.", "tool_choice")


def _chosen(request: Request, offered: tuple[Offered, ...], family: Family) -> Toolbox:
    choice = request.tool_choice
    if isinstance(choice, Any | Named) and not family.forced:
        message = f'tool_choice: type "{choice.type}" is not supported for this model. Use "auto" or "none".'
        raise Refusal(message, "tool_choice")
    match choice:
        case None:
            return Toolbox(offered, "auto")
        case Auto():
            return Toolbox(offered, "auto", not choice.disable_parallel_tool_use)
        case Any():
            return Toolbox(offered, "required", not choice.disable_parallel_tool_use)
        case Named(name=name):
            return Toolbox(_named(name, request, offered), "required", not choice.disable_parallel_tool_use)
        case Nothing():
            return Toolbox()


def _named(name: str, request: Request, offered: tuple[Offered, ...]) -> tuple[Offered, ...]:
    if all(getattr(tool, "name", None) != name for tool in request.tools or ()):
        raise Refusal(f"Tool '{name}' not found in provided tools", "tool_choice")
    return tuple(tool for tool in offered if tool.name == name)
