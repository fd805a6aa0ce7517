"""Rules for messages and their parts."""

from typing import assert_never

from mainstay import v1 as pb
from service.rpc import limits
from service.rpc.validation.violations import Violations

ROLES = frozenset(pb.Role.values()) - {pb.ROLE_UNSPECIFIED}

_ASSISTANT = frozenset({pb.ROLE_ASSISTANT})
_USER = frozenset({pb.ROLE_USER})
_TOOL = frozenset({pb.ROLE_TOOL})
SPEAKERS = {
    "text": frozenset({pb.ROLE_SYSTEM, pb.ROLE_USER, pb.ROLE_ASSISTANT}),
    "image": _USER,
    "file": _USER,
    "tool_call": _ASSISTANT,
    "tool_result": _TOOL,
    "reasoning": _ASSISTANT,
    "provider_block": _ASSISTANT,
}
"""Who may say what."""


def check_messages(request: pb.ChatRequest, violations: Violations) -> None:
    """Adds what is wrong with the conversation."""
    if not violations.bound("messages", request.messages, limits.MESSAGES, "messages"):
        return
    parts = sum(len(message.parts) for message in request.messages)
    if parts > limits.PARTS:
        violations.add_limit("messages", f"{parts:,} parts in all; the limit is {limits.PARTS:,}")
        return
    asked: set[str] = set()
    for index, message in enumerate(request.messages):
        if not _is_plain(message):
            _check_message(message, f"messages[{index}]", asked, violations)


def _is_plain(message: pb.Message) -> bool:
    """Nothing but text, as most are: nothing can be wrong with it."""
    parts = message.parts
    if message.name or message.role not in SPEAKERS["text"] or not 0 < len(parts) <= limits.PARTS_PER_MESSAGE:
        return False
    return all(part.text for part in parts)


def _check_message(message: pb.Message, path: str, asked: set[str], violations: Violations) -> None:
    """`asked` are the ids of the tool calls so far."""
    if message.role not in ROLES:
        violations.add(f"{path}.role", f"must be a known role, is {message.role}")
    if message.name:
        violations.bound(f"{path}.name", message.name, limits.NAME_CHARACTERS)
    parts = message.parts
    if not parts:
        violations.add(f"{path}.parts", "at least one part is required")
    if not violations.bound(f"{path}.parts", parts, limits.PARTS_PER_MESSAGE, "parts"):
        return
    for index, part in enumerate(parts):
        _check_part(part, message.role, f"{path}.parts[{index}]", asked, violations)


def _check_part(part: pb.Part, role: pb.Role.ValueType, path: str, asked: set[str], violations: Violations) -> None:
    kind = part.WhichOneof("content")
    if kind is None:
        violations.add(path, "content is required: text, image, file, tool_call, …")
        return
    if role in ROLES and role not in SPEAKERS[kind]:
        violations.add(f"{path}.{kind}", f"does not belong into a message of {pb.Role.Name(role)}")
    match kind:
        case "image":
            _check_media(part.image, f"{path}.image", violations)
        case "file":
            _check_media(part.file, f"{path}.file", violations)
        case "tool_call":
            _check_tool_call(part.tool_call, f"{path}.tool_call", asked, violations)
        case "tool_result":
            _check_tool_result(part.tool_result, f"{path}.tool_result", asked, violations)
        case "provider_block":
            if not part.provider_block.issuer:
                violations.add(f"{path}.provider_block.issuer", "is required")
        case "text" | "reasoning":
            pass
        case _:
            assert_never(kind)


def _check_media(media: pb.Media, path: str, violations: Violations) -> None:
    match media.WhichOneof("source"):
        case "url":
            if violations.bound(f"{path}.url", media.url, limits.URL_CHARACTERS) and not media.url.startswith(
                ("https://", "http://")
            ):
                violations.add(f"{path}.url", "must begin with https:// or http://; put the bytes themselves into data")
        case "data":
            if not media.media_type:
                violations.add(f"{path}.media_type", "is required with data, such as image/png")
        case "provider_file_id":
            pass
        case None:
            violations.add(path, "one of url, data and provider_file_id is required")


def _check_tool_call(call: pb.ToolCall, path: str, asked: set[str], violations: Violations) -> None:
    if not call.id:
        violations.add(f"{path}.id", "is required")
    violations.bound(f"{path}.id", call.id, limits.TOOL_CALL_ID_CHARACTERS)
    violations.name(f"{path}.name", call.name)
    asked.add(call.id)


def _check_tool_result(result: pb.ToolResult, path: str, asked: set[str], violations: Violations) -> None:
    if result.tool_call_id not in asked:
        violations.add(f"{path}.tool_call_id", "must be the id of a tool_call in a message before")
    if not violations.bound(f"{path}.images", result.images, limits.IMAGES_PER_RESULT, "images"):
        return
    for index, image in enumerate(result.images):
        _check_media(image, f"{path}.images[{index}]", violations)
