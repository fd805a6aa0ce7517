"""Tool loops as their providers began them: one answer in each protocol, decoded and put back by the caller.

All three say the same: thoughts, a word, two calls at once. Of what only its provider understands, everything contains
CANARY, and so do the thoughts.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from mainstay import v1 as pb
from service.chat.fold import Fold
from service.providers.anthropic import Anthropic
from service.providers.gemini import Gemini
from service.providers.opaque import with_issuer
from service.providers.openai import OpenAI
from service.providers.wire import Wire

CANARY = "canary7opal"
CITY = '{"city":"Rome"}'
PICTURE = pb.Media(data=b"png", media_type="image/png")
QUESTION = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="Rome?")])

WIRES: Mapping[str, Wire] = {
    "openai": OpenAI(provider="o"),
    "anthropic": Anthropic(provider="a"),
    "gemini": Gemini(provider="g"),
}
"""A provider of each protocol."""
NAMES = {"openai": "o", "anthropic": "a", "gemini": "g"}

ANSWERS: Mapping[str, Any] = {
    "openai": {
        "id": "chatcmpl-1",
        "choices": [
            {
                "message": {
                    "role": "assistant",
                    "content": "I look.",
                    "reasoning": f"hm {CANARY}",
                    "reasoning_details": [{"type": "reasoning.encrypted", "data": CANARY}],
                    "tool_calls": [
                        {
                            "id": "functions.weather:0",
                            "type": "function",
                            "function": {"name": "weather", "arguments": CITY},
                            "extra_content": {"google": {"thought_signature": CANARY}},
                        },
                        {"id": "functions.map:1", "type": "function", "function": {"name": "map", "arguments": "oops"}},
                    ],
                },
                "finish_reason": "tool_calls",
            }
        ],
    },
    "anthropic": {
        "id": "msg_1",
        "type": "message",
        "content": [
            {"type": "thinking", "thinking": f"hm {CANARY}", "signature": CANARY},
            {"type": "redacted_thinking", "data": CANARY},
            {"type": "server_tool_use", "id": CANARY, "name": "search", "input": {}},
            {"type": "text", "text": "I look."},
            {"type": "tool_use", "id": "toolu_1", "name": "weather", "input": {"city": "Rome"}},
            {"type": "tool_use", "id": "toolu_2", "name": "map", "input": {}, "caller": {"type": CANARY}},
        ],
        "stop_reason": "tool_use",
    },
    "gemini": {
        "responseId": "r1",
        "candidates": [
            {
                "content": {
                    "parts": [
                        {"text": f"hm {CANARY}", "thought": True, "thoughtSignature": CANARY},
                        {"executableCode": {"code": CANARY}},
                        {"text": "I look."},
                        {"functionCall": {"name": "weather", "args": {"city": "Rome"}}, "thoughtSignature": CANARY},
                        {"functionCall": {"name": "map", "args": {}, "id": "x-2"}},
                    ]
                },
                "finishReason": "STOP",
            }
        ],
    },
}


def begun(protocol: str, provider: str = "") -> pb.Message:
    """The answer of a provider of that protocol, as its caller has it."""
    wire = type(WIRES[protocol])(provider=provider or NAMES[protocol])  # type: ignore[call-arg]
    fold = Fold()
    for event in with_issuer(wire.decode(orjson.dumps(ANSWERS[protocol])), provider or NAMES[protocol]):
        fold.add(event)
    return fold.message()


def answered(said: pb.Message) -> list[pb.Message]:
    """The results of its two calls: the second, an error, comes first, and the person says something between them."""
    first, second = [part.tool_call.id for part in said.parts if part.HasField("tool_call")]
    return [
        pb.Message(role=pb.ROLE_TOOL, parts=[pb.Part(tool_result=_result(second, "no map", is_error=True))]),
        pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="Well?")]),
        pb.Message(role=pb.ROLE_TOOL, parts=[pb.Part(tool_result=_result(first, "rain", images=[PICTURE]))]),
    ]


def loop(protocol: str, provider: str = "") -> pb.ChatRequest:
    """The question with which the loop goes on."""
    said = begun(protocol, provider)
    tools = [pb.Tool(name="weather"), pb.Tool(name="map")]
    return pb.ChatRequest(model="m", messages=[QUESTION, said, *answered(said)], tools=tools)


def _result(id: str, text: str, **fields: Any) -> pb.ToolResult:
    return pb.ToolResult(tool_call_id=id, text=text, **fields)
