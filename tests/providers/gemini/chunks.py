"""Writes answers as Google does."""

from typing import Any

import orjson


def candidate(*parts: object, finish: object = None, **fields: object) -> dict[str, Any]:
    """A chunk with one candidate, or a whole answer."""
    said: dict[str, object] = {"content": {"role": "model", "parts": list(parts)}} if parts else {}
    if finish is not None:
        said["finishReason"] = finish
    return {"candidates": [said], "responseId": "r1", **fields}


def event(chunk: object) -> bytes:
    return b"data: " + orjson.dumps(chunk) + b"\r\n\r\n"


def sse(*chunks: object) -> bytes:
    """A stream with `alt=sse`."""
    return b"".join(map(event, chunks))


def array(*chunks: object) -> bytes:
    """A stream without it, printed as Google prints it."""
    return b"[" + b"\n,\r\n".join(orjson.dumps(chunk, option=orjson.OPT_INDENT_2) for chunk in chunks) + b"\n]\n"


def text(said: str, **fields: object) -> dict[str, Any]:
    return {"text": said, **fields}


def thought(said: str, **fields: object) -> dict[str, Any]:
    return {"text": said, "thought": True, **fields}


def call(name: str, args: object = None, id: str = "", **fields: object) -> dict[str, Any]:
    function = {"name": name} | ({"args": args} if args is not None else {}) | ({"id": id} if id else {})
    return {"functionCall": function, **fields}


USAGE = {"promptTokenCount": 5, "candidatesTokenCount": 2, "totalTokenCount": 7}
STOP = candidate(finish="STOP", usageMetadata=USAGE)
