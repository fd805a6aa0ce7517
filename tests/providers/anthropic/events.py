"""Writes streams as the protocol has them."""

from typing import Any

import orjson

Json = dict[str, Any]

STOP = b'event: message_stop\ndata: {"type":"message_stop"}\n\n'
PING = b'event: ping\ndata: {"type": "ping"}\n\n'


def event(said: Json) -> bytes:
    return b"event: " + str(said.get("type", "")).encode() + b"\ndata: " + orjson.dumps(said) + b"\n\n"


def start(**usage: Any) -> bytes:
    return event({"type": "message_start", "message": {"content": [], "usage": usage}})


def begin(block: Json, index: int = 0) -> bytes:
    return event({"type": "content_block_start", "index": index, "content_block": block})


def delta(kind: str, index: int = 0, **fields: Any) -> bytes:
    return event({"type": "content_block_delta", "index": index, "delta": {"type": kind, **fields}})


def stop(index: int = 0) -> bytes:
    return event({"type": "content_block_stop", "index": index})


def text(*pieces: str, index: int = 0) -> bytes:
    deltas = [delta("text_delta", index, text=piece) for piece in pieces]
    return begin({"type": "text", "text": ""}, index) + b"".join(deltas) + stop(index)


def tool(*pieces: str, index: int = 0, id: str = "t1", name: str = "f", **fields: Any) -> bytes:
    deltas = [delta("input_json_delta", index, partial_json=piece) for piece in pieces]
    block = {"type": "tool_use", "id": id, "name": name, "input": {}, **fields}
    return begin(block, index) + b"".join(deltas) + stop(index)


def thinking(*pieces: str, index: int = 0, signature: str = "") -> bytes:
    deltas = [delta("thinking_delta", index, thinking=piece) for piece in pieces]
    signed = delta("signature_delta", index, signature=signature) if signature else b""
    return begin({"type": "thinking", "thinking": ""}, index) + b"".join(deltas) + signed + stop(index)


def ended(reason: str | None = "end_turn", **usage: Any) -> bytes:
    return event({"type": "message_delta", "delta": {"stop_reason": reason}, "usage": usage}) + STOP
