"""The rule of those who are told `thinking: {type: enabled}`: thoughts that led to tool calls come back with them.

DeepSeek's; others who know the parameter ignore thoughts that come back, so that nobody is harmed by following it.
"""

from collections.abc import Mapping

from service.simulator.refusal import Refusal

_LOST = "The `reasoning_content` in the thinking mode must be passed back to the API."


def thinks(body: Mapping[str, object]) -> bool:
    """Whether thoughts are asked for."""
    thinking = body.get("thinking")
    return isinstance(thinking, Mapping) and thinking.get("type") == "enabled"


def check_thoughts(body: Mapping[str, object]) -> None:
    """Raise `Refusal` where an assistant called tools and its thoughts are gone, though thoughts are asked for."""
    messages = body.get("messages")
    if not thinks(body) or not isinstance(messages, list):
        return
    for number, message in enumerate(messages):
        if message.get("tool_calls") and not isinstance(message.get("reasoning_content"), str):
            raise Refusal(_LOST, f"messages[{number}]")
