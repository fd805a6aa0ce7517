"""The bodies that are damaged: recorded answers of the protocol, or a few of our own where there are none."""

import json
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


def bodies(folder: Path = FOLDER) -> list[Body]:
    """All recorded bodies, in the order of their files; our own where the folder holds none."""
    recorded = (_recorded(path) for path in sorted(folder.glob("openai/*/*.json")))
    return [body for body in recorded if body.data and len(body.data) <= LONGEST] or list(BUILT_IN)


def _recorded(path: Path) -> Body:
    recording = json.loads(path.read_bytes())
    data = recording["response"]["body"].encode()
    if recording["response"]["status"] >= 400:
        return Body(Form.ERROR, data)
    return Body(Form.STREAM, _short(data)) if recording["stream"] else Body(Form.WHOLE, data)


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
BUILT_IN = (
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
