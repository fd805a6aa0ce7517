"""What a provider says that has our credentials in all it says: by protocol, and by the model that is asked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.kit.canaries import ATTACHMENT, HEADER, KEY, PARTS, PROMPT, SYSTEM

Json = Mapping[str, Any]
SUNG = f"{PARTS[0]}*** is {KEY} and {PARTS[1]}... {HEADER}: neither may ask {PROMPT} after {SYSTEM} {ATTACHMENT}"


@dataclass(frozen=True)
class Song:
    """An answer of the provider's."""

    status: str = "200 OK"
    headers: tuple[str, ...] = ()
    body: bytes = b""
    tears: bool = False
    """Hangs up without the end."""


_HEADERS = tuple(
    f"{name}: {value}"
    for name, value in {
        "x-request-id": KEY,
        "request-id": KEY,
        "www-authenticate": f"Bearer {KEY}",
        "retry-after": KEY,
        "anthropic-ratelimit-requests-reset": KEY,
        "anthropic-organization-id": KEY,
        "set-cookie": KEY,
    }.items()
)
_STATUSES = (400, 401, 403, 404, 413, 429, 500, 503)


def _dumped(said: object) -> bytes:
    return json.dumps(said).encode()


def _data(said: object, event: str = "") -> bytes:
    return (f"event: {event}\n" if event else "").encode() + b"data: " + _dumped(said) + b"\n\n"


def _anywhere(error: bytes, answer: bytes) -> Mapping[str, Song]:
    """What any provider may do, with an error and an answer in its own words."""
    cut = {"key": "x" * 185 + KEY, "header": "x" * 190 + HEADER}
    return {
        **{f"error-{code}": Song(f"{code} {KEY}", _HEADERS, error) for code in _STATUSES},
        "error-text": Song("500 Oops", _HEADERS, SUNG.encode()),
        "error-page": Song("502 Oops", _HEADERS, f"<html><title>{SUNG}</title>{SUNG}".encode()),
        "error-list": Song("422 Oops", _HEADERS, _dumped({"detail": [{"msg": SUNG, "loc": [KEY]}]})),
        "error-in-list": Song("400 Oops", _HEADERS, b"[" + error + b"]"),
        **{
            f"error-cut-{what}": Song("400 Oops", (), _dumped({"error": {"message": said}}))
            for what, said in cut.items()
        },
        "error-id": Song("400 Oops", (f"x-request-id: {HEADER}", f"request-id: {HEADER}"), error),
        "redirect": Song("302 Found", (f"location: http://{KEY}.test/", *_HEADERS), SUNG.encode()),
        "error-in-200": Song(headers=_HEADERS, body=error),
        "page-in-200": Song(headers=_HEADERS, body=f"<html>{SUNG}".encode()),
        "not-json": Song(headers=_HEADERS, body=answer[:12] + SUNG.encode()),
        "not-http": Song(f"{KEY} {SUNG}", (f"bad header {KEY}",)),
        "torn": Song(headers=_HEADERS, body=answer[:-20], tears=True),
        "compressed": Song(headers=(f"content-encoding: {KEY}", *_HEADERS), body=SUNG.encode()),
        "answer": Song(headers=_HEADERS, body=answer),
    }


def _streams(hello: bytes, ends: bytes, error: bytes) -> Mapping[str, Song]:
    """What any provider may do in the middle of a stream."""
    return {
        "stream": Song(headers=_HEADERS, body=hello + ends),
        "stream-error": Song(headers=_HEADERS, body=hello + error),
        "stream-error-first": Song(headers=_HEADERS, body=error),
        "stream-event": Song(headers=_HEADERS, body=hello + f"event: {KEY}\nid: {KEY}\ndata: {SUNG}\n\n".encode()),
        "stream-malformed": Song(
            body=f"data: {{{SUNG}\n\n".encode() + hello + f"data: {{{KEY}\n\n".encode(), tears=True
        ),
        "stream-comment": Song(body=f": {SUNG}\n\n".encode() + hello, tears=True),
    }


_ENDS = {"key": KEY, "header": HEADER, "part": f"{PARTS[0]}***"}
"""Reasons why an answer ended."""

# OpenAI's words.

_OPENAI_ERROR = _dumped({"error": {"message": SUNG, "type": HEADER, "code": KEY, "param": KEY}})


def _chunk(delta: Json, finish: str | None = None) -> bytes:
    return _data({"id": KEY, "model": KEY, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _completion(finish: str = "stop") -> bytes:
    choice = {"index": 0, "message": {"role": "assistant", "content": "hello"}, "finish_reason": finish}
    return _dumped({"id": KEY, "model": KEY, "system_fingerprint": KEY, "service_tier": KEY, "choices": [choice]})


def _ended(finish: str) -> bytes:
    return _chunk({}, finish) + b"data: [DONE]\n\n"


_HELLO = _chunk({"content": "hello"})
_OPENAI = {
    **_anywhere(_OPENAI_ERROR, _completion()),
    **_streams(_HELLO, _ended("stop"), b"data: " + _OPENAI_ERROR + b"\n\n"),
    **{f"finish-{what}": Song(headers=_HEADERS, body=_completion(said)) for what, said in _ENDS.items()},
    **{f"stream-finish-{what}": Song(headers=_HEADERS, body=_HELLO + _ended(said)) for what, said in _ENDS.items()},
}

# Anthropic's.

_WRONG = {"type": HEADER, "message": SUNG, "details": {"error_code": KEY, "error_visibility": KEY}}
_ANTHROPIC_ERROR = _dumped({"type": "error", "error": _WRONG, "request_id": KEY})
_USAGE = {"input_tokens": 5, "output_tokens": 3, "service_tier": KEY}


def _message(stop: str = "end_turn") -> bytes:
    content = [{"type": "text", "text": "hello"}]
    head = {"id": KEY, "type": "message", "role": "assistant", "model": KEY, "container": {"id": KEY}}
    return _dumped({**head, "content": content, "stop_reason": stop, "stop_sequence": KEY, "usage": _USAGE})


def _stopped(stop: str) -> bytes:
    delta = {"stop_reason": stop, "stop_sequence": KEY, "stop_details": {"category": KEY, "explanation": SUNG}}
    return _data({"type": "message_delta", "delta": delta, "usage": _USAGE}) + _data({"type": "message_stop"})


_BEGUN = b"".join(
    (
        _data({"type": "message_start", "message": {"id": KEY, "type": "message", "model": KEY, "usage": _USAGE}}),
        _data({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        _data({"type": KEY, "message": SUNG}),  # an event that nobody knows
        _data({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "hello"}}),
    )
)
_OVERLOADED = {"type": "error", "error": {**_WRONG, "type": "overloaded_error"}, "request_id": KEY}
_ANTHROPIC = {
    **_anywhere(_ANTHROPIC_ERROR, _message()),
    **_streams(_BEGUN, _stopped("end_turn"), b"event: error\ndata: " + _ANTHROPIC_ERROR + b"\n\n"),
    "stream-overloaded": Song(headers=_HEADERS, body=_BEGUN + _data(_OVERLOADED, "error")),
    **{f"finish-{what}": Song(headers=_HEADERS, body=_message(said)) for what, said in _ENDS.items()},
    **{f"stream-finish-{what}": Song(headers=_HEADERS, body=_BEGUN + _stopped(said)) for what, said in _ENDS.items()},
}

# Google's.

_DETAILS = [
    {"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": KEY, "domain": KEY, "metadata": {"consumer": KEY}},
    {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": KEY},
    {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": KEY, "quotaMetric": KEY}]},
    {"@type": "type.googleapis.com/google.rpc.Help", "links": [{"description": SUNG, "url": f"https://{KEY}.test"}]},
]
_GEMINI_ERROR = _dumped({"error": {"code": 400, "message": SUNG, "status": HEADER, "details": _DETAILS}})


def _candidate(finish: str | None = None, **more: str) -> Json:
    said = {"content": {"role": "model", "parts": [{"text": "hello"}]}, **more}
    counts = {"promptTokenCount": 5, "candidatesTokenCount": 3, "trafficType": KEY}
    ended = {**said, "finishReason": finish} if finish else said
    return {"candidates": [ended], "usageMetadata": counts, "modelVersion": KEY, "responseId": KEY}


_FILTERED = {"promptFeedback": {"blockReason": KEY, "blockReasonMessage": SUNG}, "responseId": KEY}
_BROKEN = _candidate("MALFORMED_FUNCTION_CALL", finishMessage=SUNG)
_GEMINI = {
    **_anywhere(_GEMINI_ERROR, _dumped(_candidate("STOP"))),
    **_streams(_data(_candidate()), _data(_candidate("STOP")), _GEMINI_ERROR),
    "stream-array": Song(headers=_HEADERS, body=b"[" + _dumped(_candidate()) + b",\n" + _GEMINI_ERROR + b"]"),
    "filtered": Song(headers=_HEADERS, body=_dumped(_FILTERED)),
    "stream-filtered": Song(headers=_HEADERS, body=_data(_FILTERED)),
    "broken": Song(headers=_HEADERS, body=_dumped(_BROKEN)),
    "stream-broken": Song(headers=_HEADERS, body=_data(_BROKEN)),
    **{f"finish-{what}": Song(headers=_HEADERS, body=_dumped(_candidate(said))) for what, said in _ENDS.items()},
    **{f"stream-finish-{what}": Song(headers=_HEADERS, body=_data(_candidate(said))) for what, said in _ENDS.items()},
}

SONGS: Mapping[str, Mapping[str, Song]] = {"openai": _OPENAI, "anthropic": _ANTHROPIC, "gemini": _GEMINI}
"""By protocol, and by name."""
