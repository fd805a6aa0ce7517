"""Reads the shapes in which providers report errors.

{"error": {"message", "type", "param", "code"}}           OpenAI and most; code may be a number
{"error": "text", "code": "text"}   {"error": "text"}     xAI, Venice, Ollama
{"object": "error", "message", "type", "code"}            Mistral, older vLLM
{"code", "message", "request_id"}                         DashScope's own
{"detail": "text"}   {"detail": [{"loc", "msg"}]}         FastAPI
[{"error": …}]                                            Gemini
{"base_resp": {"status_code", "status_msg"}}              MiniMax, inside a 200; 0 is no error
"""

import re
from dataclasses import dataclass

from service.providers.values import Json, object_of, objects_of, word_of

LONGEST_WORD = 128
LONGEST_ID = 128
LONGEST_MESSAGE = 2000

_DELAY = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,9})?)s")
_DELAY_SAID = re.compile(r"[Rr]etry in ([0-9]{1,5}(?:\.[0-9]{1,9})?)s\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorBody:
    """What an error body says."""

    message: str = ""
    words: tuple[str, ...] = ()
    """Codes and types, the most telling first: codes, type, then what stands deeper."""
    status: int = 0
    """The HTTP status that the body names. 0: none."""
    request_id: str = ""
    retry_after: float | None = None
    """The wait in seconds that the body asks for."""


def error_of(value: object) -> ErrorBody:
    """What the error says; every field is empty where it says nothing."""
    if isinstance(value, str):
        return ErrorBody(message=value[:LONGEST_MESSAGE])
    outer = next(iter(objects_of(value)), {}) if isinstance(value, list) else object_of(value)
    inner = object_of(outer.get("error"))
    error = inner or _base_of(outer) or outer
    return ErrorBody(
        message=_message_of(error),
        words=_words_of(error),
        status=_status_of(error),
        request_id=_id_of(outer.get("request_id"), inner.get("request_id"), outer.get("id")),
        retry_after=_wait_of(error),
    )


def is_error(value: Json) -> bool:
    """Whether what stands in an answer with status 200 reports an error."""
    return bool(value.get("error") or _base_of(value))


def _base_of(outer: Json) -> Json:
    base = object_of(outer.get("base_resp"))
    return {"code": code, "message": base.get("status_msg")} if (code := base.get("status_code")) else {}


def _message_of(error: Json) -> str:
    for said in (error.get("message"), error.get("error"), error.get("detail"), error.get("msg")):
        if said and isinstance(said, str):
            return ": ".join(filter(None, (said[:LONGEST_MESSAGE], _upstream_of(error))))
    return "; ".join(_complaint(item) for item in objects_of(error.get("detail"))[:4])


def _upstream_of(error: Json) -> str:
    """What the provider behind OpenRouter said."""
    return word_of(object_of(error.get("metadata")).get("raw"))[:LONGEST_MESSAGE]


def _complaint(item: Json) -> str:
    place = item.get("loc")
    words = [str(step) for step in place if isinstance(step, str | int)] if isinstance(place, list) else []
    return f"{'.'.join(words[:8])}: {word_of(item.get('msg'))}"[:LONGEST_MESSAGE]


def _words_of(error: Json) -> tuple[str, ...]:
    metadata = object_of(error.get("metadata"))
    said = (
        error.get("code"),
        object_of(error.get("details")).get("error_code"),  # Anthropic's spending limit, typed as a rate limit
        error.get("type"),
        error.get("status"),
        object_of(error.get("innererror")).get("code"),
        metadata.get("limit_source"),
        *(detail.get("reason") for detail in objects_of(error.get("details"))[:8]),
        *(quota.get("quotaId") for detail in objects_of(error.get("details"))[:8] for quota in _quotas_of(detail)),
        "content_filter" if metadata.get("reasons") else None,  # OpenRouter's moderation
    )
    return tuple(str(word)[:LONGEST_WORD] for word in said if word and isinstance(word, str | int))


def _quotas_of(detail: Json) -> list[Json]:
    """Google's `QuotaFailure`: which quota it was."""
    return objects_of(detail.get("violations"))[:4]


def _status_of(error: Json) -> int:
    for said in map(error.get, ("status", "status_code", "raw_status_code", "code")):
        if isinstance(said, int) and 400 <= said < 600:
            return said
        if isinstance(said, str) and len(said) == 3 and said.isascii() and said.isdigit() and said[0] in "45":
            return int(said)
    return 0


def _wait_of(error: Json) -> float | None:
    """Google's: `{"retryDelay": "46s"}` among the details, and the same in words."""
    delays = (_DELAY.fullmatch(word_of(detail.get("retryDelay"))) for detail in objects_of(error.get("details"))[:8])
    asked = next(filter(None, delays), None) or _DELAY_SAID.search(word_of(error.get("message"))[:LONGEST_MESSAGE])
    return (float(asked[1]) or None) if asked else None


def _id_of(*values: object) -> str:
    for value in values:
        if value and isinstance(value, str):
            return printable(value)
    return ""


def printable(value: str) -> str:
    """An id as it may be shown: visible ASCII, at most 128 characters."""
    return "".join(character for character in value[:LONGEST_ID] if "!" <= character <= "~")
