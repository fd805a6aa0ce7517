"""Which parts have a place in whose messages; the contract says so, and every protocol relies on it."""

from typing import assert_never

from mainstay import v1 as pb
from service.providers.refusals import invalid


def expect_fitting(role: pb.Role.ValueType, part: pb.Part, path: str) -> None:
    """Raises Failure for a part that has no place in a message of that role."""
    match kind := part.WhichOneof("content"):
        case "text":
            _expect(role != pb.ROLE_TOOL, f"{path}.text", "a tool message holds results only")
        case "image" | "file":
            _expect(role == pb.ROLE_USER, f"{path}.{kind}", "belongs in a user message")
        case "tool_call" | "reasoning" | "provider_block":
            _expect(role == pb.ROLE_ASSISTANT, f"{path}.{kind}", "belongs in an assistant message")
        case "tool_result":
            _expect(role == pb.ROLE_TOOL, f"{path}.tool_result", "belongs in a tool message")
        case None:
            raise invalid(path, "is empty")
        case _:
            assert_never(kind)


def _expect(condition: bool, path: str, why: str) -> None:
    if not condition:
        raise invalid(path, why)
