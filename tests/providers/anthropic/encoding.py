"""Says requests in a dialect, and reads what went out."""

from typing import Any

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.anthropic import Anthropic, Dialect

HELLO = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])
USER, ASSISTANT, SYSTEM, TOOL = pb.ROLE_USER, pb.ROLE_ASSISTANT, pb.ROLE_SYSTEM, pb.ROLE_TOOL
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


def call(id: str = "t1", name: str = "f", arguments: str = "{}", **fields: Any) -> pb.Part:
    return pb.Part(tool_call=pb.ToolCall(id=id, name=name, arguments_json=arguments), **fields)


def result(id: str = "t1", text: str = "42", **fields: Any) -> pb.Part:
    return pb.Part(tool_result=pb.ToolResult(tool_call_id=id, text=text, **fields))


def state(issuer: str = "vendor", **members: Any) -> pb.ProviderState:
    return pb.ProviderState(issuer=issuer, data=orjson.dumps(members))


def said(asked: pb.ChatRequest, *, stream: bool = False, **knobs: Any) -> dict[str, Any]:
    """The body that goes to the provider `vendor`, whose dialect has those knobs turned."""
    encoded: dict[str, Any] = orjson.loads(wire(**knobs).encode(asked, "m1", stream=stream).body)
    return encoded


def turns(*messages: pb.Message, **knobs: Any) -> list[dict[str, Any]]:
    """The conversation as it goes out, tools beside it."""
    found: list[dict[str, Any]] = said(request(*messages, tools=[pb.Tool(name="f")]), **knobs)["messages"]
    return found


def added(asked: pb.ChatRequest, **knobs: Any) -> dict[str, Any]:
    """What is in the body beside what every body has."""
    return {name: value for name, value in said(asked, **knobs).items() if name not in ("model", "messages")}


def changes(asked: pb.ChatRequest, **knobs: Any) -> list[tuple[str, int]]:
    """The adjustments: path and action. Each has a detail."""
    adjustments = wire(**knobs).encode(asked, "m1", stream=False).adjustments
    assert all(adjustment.detail for adjustment in adjustments)
    return [(adjustment.field, adjustment.action) for adjustment in adjustments]


def refusal(asked: pb.ChatRequest, **knobs: Any) -> Failure:
    """How the request is refused."""
    with pytest.raises(Failure) as caught:
        wire(**knobs).encode(asked, "m1", stream=False)
    return caught.value


def wire(**knobs: Any) -> Anthropic:
    return Anthropic(Dialect(**knobs), provider="vendor")
