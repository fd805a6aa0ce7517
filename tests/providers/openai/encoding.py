"""Says requests in a dialect, and reads what went out."""

from typing import Any

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.openai import Dialect, OpenAI

HELLO = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])
DROPPED, CLAMPED, DOWNGRADED = (
    pb.ADJUSTMENT_ACTION_DROPPED,
    pb.ADJUSTMENT_ACTION_CLAMPED,
    pb.ADJUSTMENT_ACTION_DOWNGRADED,
)


def request(*messages: pb.Message, **fields: Any) -> pb.ChatRequest:
    return pb.ChatRequest(model="fast", messages=messages or [HELLO], **fields)


def called(id: str = "a", name: str = "f", arguments: str = "{}", **fields: Any) -> pb.Part:
    return pb.Part(tool_call=pb.ToolCall(id=id, name=name, arguments_json=arguments), **fields)


def result(id: str = "a", text: str = "ok", *, cache_breakpoint: bool = False, **fields: Any) -> pb.Part:
    answer = pb.ToolResult(tool_call_id=id, text=text, **fields)
    return pb.Part(tool_result=answer, cache_breakpoint=cache_breakpoint)


def message(role: pb.Role.ValueType, *parts: pb.Part, name: str = "") -> pb.Message:
    return pb.Message(role=role, parts=parts, name=name)


def said(asked: pb.ChatRequest, *, stream: bool = False, **knobs: Any) -> dict[str, Any]:
    """The body that goes to the provider `vendor`, whose dialect has those knobs turned."""
    encoded: dict[str, Any] = orjson.loads(_wire(**knobs).encode(asked, "m1", stream=stream).body)
    return encoded


def added(asked: pb.ChatRequest, *, stream: bool = False, **knobs: Any) -> dict[str, Any]:
    """What is in the body beside model and messages."""
    return {
        name: value
        for name, value in said(asked, stream=stream, **knobs).items()
        if name not in ("model", "messages", "stream", "stream_options")
    }


def changes(asked: pb.ChatRequest, **knobs: Any) -> list[tuple[str, int]]:
    """The adjustments: path and action. Each has a detail."""
    adjustments = _wire(**knobs).encode(asked, "m1", stream=False).adjustments
    assert all(adjustment.detail for adjustment in adjustments)
    return [(adjustment.field, adjustment.action) for adjustment in adjustments]


def refusal(asked: pb.ChatRequest, **knobs: Any) -> Failure:
    """How the request is refused."""
    with pytest.raises(Failure) as caught:
        _wire(**knobs).encode(asked, "m1", stream=False)
    return caught.value


def _wire(**knobs: Any) -> OpenAI:
    return OpenAI(Dialect(**knobs), provider="vendor")
