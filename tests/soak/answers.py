"""What the provider of a soak says, in bytes that are made once."""

import json
from collections.abc import Mapping

CHUNKS = 20
SHOWN = 8
"""Chunks before a break."""
TOKEN = "token %03d of a text "
TEXT = "".join(TOKEN % number for number in range(CHUNKS))
_USAGE = {"prompt_tokens": 19, "completion_tokens": CHUNKS, "total_tokens": 19 + CHUNKS}
_ABOUT = {"id": "chatcmpl-1", "created": 1790000000, "model": "soak"}


def response(status: str, body: bytes, *headers: str) -> bytes:
    """A whole one."""
    lines = [f"HTTP/1.1 {status}", "content-type: application/json", f"content-length: {len(body)}", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def refusal(status: str, code: str, *headers: str) -> bytes:
    """An error, as OpenAI tells one."""
    error = {"message": "as it was told to", "type": "invalid_request_error", "param": None, "code": code}
    return response(status, json.dumps({"error": error}).encode(), *headers)


def whole(text: str) -> bytes:
    """An answer in one piece."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    body = {**_ABOUT, "object": "chat.completion", "choices": [choice], "usage": _USAGE}
    return response("200 OK", json.dumps(body).encode())


def text(piece: str) -> bytes:
    """An event with some of it."""
    return _event({"content": piece})


def chunk(line: bytes) -> bytes:
    """An event with whatever it is."""
    line = b"data: %s\n\n" % line
    return b"%x\r\n%s\r\n" % (len(line), line)


def _event(delta: Mapping[str, str], finish: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    event = {**_ABOUT, "object": "chat.completion.chunk", "choices": [choice], **more}
    return chunk(json.dumps(event).encode())


OPENING = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n" + _event(
    {"role": "assistant", "content": ""}
)
TOKENS = [text(TOKEN % number) for number in range(CHUNKS)]
FINISH = _event({}, "stop", usage=_USAGE)
DONE = chunk(b"[DONE]")
END = b"0\r\n\r\n"
WHOLE = whole(TEXT)
STREAM = OPENING + b"".join(TOKENS) + FINISH + DONE + END
