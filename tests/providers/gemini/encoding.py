"""Says requests in a dialect, and reads what went out."""

from typing import Any

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.gemini import Dialect, Gemini

HELLO = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])
DROPPED, CLAMPED, DOWNGRADED = (
    pb.ADJUSTMENT_ACTION_DROPPED,
    pb.ADJUSTMENT_ACTION_CLAMPED,
    pb.ADJUSTMENT_ACTION_DOWNGRADED,
)


def request(*messages: pb.Message, **fields: Any) -> pb.ChatRequest:
    return pb.ChatRequest(model="fast", messages=messages or [HELLO], **fields)


def message(role: pb.Role.ValueType, *parts: pb.Part | str, name: str = "") -> pb.Message:
    said = [pb.Part(text=part) if isinstance(part, str) else part for part in parts]
    return pb.Message(role=role, parts=said, name=name)


def system(*parts: pb.Part | str) -> pb.Message:
    return message(pb.ROLE_SYSTEM, *parts)


def user(*parts: pb.Part | str) -> pb.Message:
    return message(pb.ROLE_USER, *parts)


def model(*parts: pb.Part | str) -> pb.Message:
    return message(pb.ROLE_ASSISTANT, *parts)


def called(id: str, name: str = "f", arguments: str = "{}", state: str = "", issuer: str = "vendor") -> pb.Part:
    part = pb.Part(tool_call=pb.ToolCall(id=id, name=name, arguments_json=arguments))
    if state:
        part.provider_state.CopyFrom(pb.ProviderState(issuer=issuer, data=state.encode()))
    return part


def result(id: str, text: str = "ok", **fields: Any) -> pb.Message:
    return message(pb.ROLE_TOOL, pb.Part(tool_result=pb.ToolResult(tool_call_id=id, text=text, **fields)))


def said(asked: pb.ChatRequest, **knobs: Any) -> dict[str, Any]:
    """The body that goes to the provider `vendor`, whose dialect has those knobs turned."""
    encoded: dict[str, Any] = orjson.loads(wire(**knobs).encode(asked, "m1", stream=False).body)
    return encoded


def contents(*messages: pb.Message, **knobs: Any) -> list[tuple[str, list[Any]]]:
    """The turns of a conversation, each as its role and parts."""
    return [(turn["role"], turn["parts"]) for turn in said(request(*messages), **knobs)["contents"]]


def generation(asked: pb.ChatRequest, **knobs: Any) -> Any:
    """The `generationConfig`; None if there is none."""
    return said(asked, **knobs).get("generationConfig")


def changes(asked: pb.ChatRequest, **knobs: Any) -> list[tuple[str, int]]:
    """The adjustments: path and action. Each has a detail."""
    adjustments = wire(**knobs).encode(asked, "m1", stream=False).adjustments
    assert all(adjustment.detail for adjustment in adjustments)
    return [(adjustment.field, adjustment.action) for adjustment in adjustments]


def refusal(asked: pb.ChatRequest, **knobs: Any) -> str:
    """How the request is refused."""
    with pytest.raises(Failure) as caught:
        wire(**knobs).encode(asked, "m1", stream=False)
    return str(caught.value)


def wire(**knobs: Any) -> Gemini:
    return Gemini(Dialect(**knobs), provider="vendor")
