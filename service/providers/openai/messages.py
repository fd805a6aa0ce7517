"""Writes the conversation in the protocol's words."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import assert_never

from mainstay import v1 as pb
from service.providers.openai.refusals import invalid, unsupported
from service.providers.openai.values import Json

_ROLES: Mapping[pb.Role.ValueType, str] = {
    pb.ROLE_SYSTEM: "system",
    pb.ROLE_USER: "user",
    pb.ROLE_ASSISTANT: "assistant",
    pb.ROLE_TOOL: "tool",
}


def messages_of(messages: Iterable[pb.Message]) -> list[Json]:
    """Every message as the protocol has it; results of tools become one message each. Raises Failure."""
    return list(chain.from_iterable(_written(said, f"messages[{place}]") for place, said in enumerate(messages)))


def _written(message: pb.Message, path: str) -> Iterator[Json]:
    for place, part in enumerate(message.parts):
        _expect_sayable(message, part, f"{path}.parts[{place}]")
    if message.role == pb.ROLE_TOOL:
        yield from (_tool_result(part.tool_result) for part in message.parts)
    elif message.role not in _ROLES:
        raise invalid(f"{path}.role", "is not set")
    elif not _is_only_thoughts(message):
        yield _spoken(message)


def _spoken(message: pb.Message) -> Json:
    spoken: Json = {"role": _ROLES[message.role], "content": _content(message)}
    if message.name:
        spoken["name"] = message.name
    if calls := [_tool_call(part.tool_call) for part in message.parts if part.HasField("tool_call")]:
        spoken["tool_calls"] = calls
    return spoken


def _content(message: pb.Message) -> str | list[Json]:
    """One text as a string, which every vendor takes; several as parts; none as "": DeepSeek refuses null."""
    texts = [part.text for part in message.parts if part.HasField("text")]
    return [{"type": "text", "text": text} for text in texts] if len(texts) > 1 else "".join(texts)


def _is_only_thoughts(message: pb.Message) -> bool:
    """Models of this protocol do not take thoughts back, so nothing is left to be said."""
    return len(message.parts) > 0 and all(part.HasField("reasoning") for part in message.parts)


def _tool_call(call: pb.ToolCall) -> Json:
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments_json},
    }


def _tool_result(result: pb.ToolResult) -> Json:
    """The protocol has no word for a tool that failed; the text says it."""
    return {"role": "tool", "tool_call_id": result.tool_call_id, "content": result.text}


def _expect_sayable(message: pb.Message, part: pb.Part, path: str) -> None:
    """Raises Failure for a part that cannot be said, or not by this speaker."""
    if part.cache_breakpoint:
        raise unsupported(f"{path}.cache_breakpoint", "this protocol caches as it pleases")
    match kind := part.WhichOneof("content"):
        case "text":
            _expect(message.role != pb.ROLE_TOOL, f"{path}.text", "a tool message holds results only")
        case "tool_call" | "reasoning":
            _expect(message.role == pb.ROLE_ASSISTANT, f"{path}.{kind}", "belongs in an assistant message")
        case "tool_result":
            _expect(message.role == pb.ROLE_TOOL, f"{path}.tool_result", "belongs in a tool message")
            if part.tool_result.images:
                raise unsupported(f"{path}.tool_result.images", "cannot be sent in this protocol yet")
        case "image" | "file" | "provider_block":
            raise unsupported(f"{path}.{kind}", "cannot be sent in this protocol yet")
        case None:
            raise invalid(path, "is empty")
        case _:
            assert_never(kind)


def _expect(condition: bool, path: str, why: str) -> None:
    if not condition:
        raise invalid(path, why)
