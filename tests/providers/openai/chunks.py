"""Writes streams as providers do."""

from collections.abc import Iterable

import orjson

DONE = b"data: [DONE]\n\n"


def event(chunk: object) -> bytes:
    return b"data: " + orjson.dumps(chunk) + b"\n\n"


def chunk(delta: object = None, finish: object = None, **fields: object) -> bytes:
    """A chunk with one choice."""
    choice = {"index": 0, "delta": {} if delta is None else delta, "finish_reason": finish}
    return event({"id": "c", "object": "chat.completion.chunk", "choices": [choice], **fields})


def text(said: str, finish: object = None) -> bytes:
    return chunk({"content": said}, finish)


def fragment(arguments: object = None, **fields: object) -> dict[str, object]:
    """A fragment of a tool call; `name` goes where it belongs, whatever else stands beside it."""
    function = {"name": fields.pop("name")} if "name" in fields else {}
    return {**fields, "function": {**function, "arguments": arguments}}


def calls(fragments: Iterable[object], finish: object = None) -> bytes:
    return chunk({"tool_calls": list(fragments)}, finish)
