"""The bodies that are damaged: recorded answers of a protocol, or a few of our own where there are none."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.kit.recordings import FOLDER

LONGEST = 40_000
"""Bytes of a body. A longer stream keeps its first and its last events; a longer whole answer is left out."""


class Form(Enum):
    """How a body is to be decoded."""

    STREAM = "stream"
    WHOLE = "whole"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Body:
    """What a provider sent."""

    form: Form
    data: bytes
    protocol: str = "openai"


def bodies(protocol: str, folder: Path = FOLDER) -> list[Body]:
    """All recorded bodies of a protocol, in the order of their files; our own where the folder holds none."""
    recorded = (_recorded(path, protocol) for path in sorted(folder.glob(f"{protocol}/*/*.json")))
    return [body for body in recorded if body.data and len(body.data) <= LONGEST] or list(BUILT_IN[protocol])


def _recorded(path: Path, protocol: str) -> Body:
    recording = json.loads(path.read_bytes())
    data = recording["response"]["body"].encode()
    if recording["response"]["status"] >= 400:
        return Body(Form.ERROR, data, protocol)
    return Body(Form.STREAM, _short(data), protocol) if recording["stream"] else Body(Form.WHOLE, data, protocol)


def _short(stream: bytes) -> bytes:
    if len(stream) <= LONGEST:
        return stream
    beginning, end = stream[: LONGEST * 3 // 4], stream[-LONGEST // 5 :]
    return beginning[: beginning.rfind(b"\n\n") + 2] + end[end.find(b"\n\n") + 2 :]


def _stream(*chunks: object) -> Body:
    events = [b"data: " + json.dumps(chunk).encode() for chunk in chunks]
    return Body(Form.STREAM, b"\n\n".join([b": ping", *events, b"data: [DONE]", b""]))


def _delta(finish: str | None = None, **delta: object) -> dict[str, object]:
    return {"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def _fragment(arguments: str, **fields: str) -> dict[str, object]:
    name = {"name": fields.pop("name")} if "name" in fields else {}
    return _delta(tool_calls=[{"index": 0, "function": {"arguments": arguments, **name}, **fields}])


_USAGE = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13, "prompt_tokens_details": {"cached_tokens": 2}}
_CALL = {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"place": "Oslo"}'}}
_OPENAI = (
    _stream(_delta(role="assistant"), _delta(content="Hello 你好 \U0001f600"), _delta("stop"), {"usage": _USAGE}),
    _stream(_delta(reasoning_content="Hm."), _delta(content="Yes."), _delta("length", content="")),
    _stream(
        _fragment("", id="c1", name="weather"), _fragment('{"pl'), _fragment('ace": "Oslo"}'), _delta("tool_calls")
    ),
    _stream(_delta(content="Half an ans"), {"error": {"message": "overloaded", "code": 503}}),
    Body(
        Form.WHOLE,
        json.dumps(
            {"choices": [{"message": {"content": "Hi \U0001f600", "tool_calls": [_CALL]}, "finish_reason": "stop"}]}
            | {"usage": _USAGE}
        ).encode(),
    ),
    Body(Form.ERROR, b'{"error": {"message": "slow down", "type": "requests", "code": "rate_limit_exceeded"}}'),
)


def _messages(*events: Mapping[str, object]) -> Body:
    usage = {"input_tokens": 9, "cache_read_input_tokens": 2}
    start: Mapping[str, object] = {"type": "message_start", "message": {"usage": usage}}
    lines = [f"event: {event['type']}\ndata: {json.dumps(event)}".encode() for event in (start, *events, _STOP)]
    return Body(Form.STREAM, b"\n\n".join([*lines, b""]), "anthropic")


def _block(index: int, block: Mapping[str, object], *deltas: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": block},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def _ended(reason: str) -> Mapping[str, object]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 4}}


_STOP = {"type": "message_stop"}
_TEXT = {"type": "text", "text": ""}
_TOOL = {"type": "tool_use", "id": "t1", "name": "weather", "input": {}}
_SEARCH = {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}}
_ANTHROPIC = (
    _messages(*_block(0, _TEXT, {"type": "text_delta", "text": "Hello 你好 \U0001f600"}), _ended("end_turn")),
    _messages(
        *_block(
            0,
            {"type": "thinking", "thinking": ""},
            {"type": "thinking_delta", "thinking": "Hm."},
            {"type": "signature_delta", "signature": "Eq="},
        ),
        {"type": "ping"},
        *_block(1, _TOOL, {"type": "input_json_delta", "partial_json": ""}, {"partial_json": '{"place": "Oslo"}'}),
        _ended("tool_use"),
    ),
    _messages(
        *_block(0, _SEARCH, {"type": "input_json_delta", "partial_json": '{"query": "Oslo"}'}),
        *_block(1, {"type": "redacted_thinking", "data": "Eq="}),
        *_block(2, _TEXT, {"type": "citations_delta", "citation": {"url": "x"}}, {"type": "text_delta", "text": "It"}),
        _ended("max_tokens"),
    ),
    _messages(*_block(0, _TEXT), {"type": "error", "error": {"type": "overloaded_error", "message": "overloaded"}}),
    Body(
        Form.WHOLE,
        json.dumps(
            {"type": "message", "content": [{"type": "text", "text": "Hi"}, _TOOL], "stop_reason": "tool_use"}
        ).encode(),
        "anthropic",
    ),
    Body(Form.ERROR, b'{"type": "error", "error": {"type": "rate_limit_error", "message": "slow down"}}', "anthropic"),
)


def _said(*parts: object, finish: str = "", **fields: object) -> dict[str, object]:
    candidate: dict[str, object] = {"content": {"role": "model", "parts": parts}}
    if finish:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], "responseId": "r", **fields}


def _generated(*chunks: object) -> Body:
    return Body(
        Form.STREAM, b"".join(b"data: " + json.dumps(chunk).encode() + b"\r\n\r\n" for chunk in chunks), "gemini"
    )


_COUNTS: dict[str, object] = {
    "usageMetadata": {"promptTokenCount": 9, "candidatesTokenCount": 4, "thoughtsTokenCount": 2}
}
_FUNCTION = {"functionCall": {"name": "weather", "args": {"place": "Oslo"}}, "thoughtSignature": "Eq="}
_ANSWER = _said({"text": "Hello 你好 \U0001f600"}, _FUNCTION, finish="STOP", **_COUNTS)
_GEMINI = (
    _generated(_said({"text": "Hm.", "thought": True}), _ANSWER),
    _generated(
        _said({"functionCall": {"name": "weather", "willContinue": True}}),
        _said({"functionCall": {"partialArgs": [{"jsonPath": "$.a[0]", "stringValue": "x"}], "willContinue": True}}),
        _said({"functionCall": {}}),
        _said({"text": "", "thoughtSignature": "Eq="}, finish="STOP", **_COUNTS),
    ),
    _generated(_said({"executableCode": {"code": "1"}}), _said({"text": "It"}, finish="MAX_TOKENS")),
    _generated(_said({"text": "Half"}), {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}),
    Body(Form.STREAM, json.dumps([_said({"text": "A"}), _ANSWER], indent=2).encode(), "gemini"),
    Body(Form.WHOLE, json.dumps(_ANSWER).encode(), "gemini"),
    Body(Form.ERROR, b'{"error": {"code": 429, "message": "slow down", "status": "RESOURCE_EXHAUSTED"}}', "gemini"),
)
BUILT_IN = {"openai": _OPENAI, "anthropic": _ANTHROPIC, "gemini": _GEMINI}
"""By protocol."""
