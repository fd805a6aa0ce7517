"""The protocols beside OpenAI's, as a client speaks them that looks at bytes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx

from tests.simulator.raw import events

Json = dict[str, Any]


@dataclass(frozen=True)
class Tongue:
    """How to ask, and what stands in the bytes that come back."""

    name: str
    path: Callable[[str, bool], str]
    """Of a model, for a stream or not."""
    body: Callable[[str, str, bool], Json]
    """Of a model, a question, for a stream or not."""
    chunks: Callable[[bytes], list[Any]]
    """The chunks of a complete stream; text where they are not JSON."""
    words: Callable[[Json], tuple[str, str]]
    """The text and the thoughts in a chunk or in a whole answer."""
    piece: bytes
    """Stands in the bytes of every token of a text."""
    finish: bytes
    """Stands in the last chunk that matters."""
    done: bytes
    """The mark of the end."""
    ping: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    async def ask(self, http: httpx.AsyncClient, model: str, text: str = "hello", **more: Any) -> httpx.Response:
        """A whole answer."""
        body = self.body(model, text, False) | more
        return await http.post(self.path(model, False), json=body, headers=dict(self.headers))

    async def stream(self, http: httpx.AsyncClient, model: str, text: str = "hello", **more: Any) -> httpx.Response:
        """The same, streamed."""
        body = self.body(model, text, True) | more
        return await http.post(self.path(model, True), json=body, headers=dict(self.headers))

    def text(self, data: bytes) -> str:
        """The text of a complete stream."""
        return "".join(self.words(chunk)[0] for chunk in self.chunks(data) if isinstance(chunk, dict))

    def thoughts(self, data: bytes) -> str:
        """Its thoughts."""
        return "".join(self.words(chunk)[1] for chunk in self.chunks(data) if isinstance(chunk, dict))


def _anthropic_words(chunk: Json) -> tuple[str, str]:
    deltas = [chunk["delta"]] if chunk["type"] == "content_block_delta" else chunk.get("content", [])
    return _joined(deltas, "text"), _joined(deltas, "thinking")


def _gemini_words(chunk: Json) -> tuple[str, str]:
    parts = chunk["candidates"][0]["content"]["parts"] if "candidates" in chunk else []
    said = [part for part in parts if not part.get("thought")]
    return _joined(said, "text"), _joined([part for part in parts if part.get("thought")], "text")


def _joined(parts: list[Json], key: str) -> str:
    return "".join(part.get(key, "") for part in parts)


def _messages(model: str, text: str, stream: bool) -> Json:
    said = {"model": model, "max_tokens": 9000, "messages": [{"role": "user", "content": text}]}
    return {**said, "stream": True} if stream else said


def _contents(model: str, text: str, stream: bool) -> Json:
    return {"contents": [{"role": "user", "parts": [{"text": text}]}]}


def _method(query: str) -> Callable[[str, bool], str]:
    def path(model: str, stream: bool) -> str:
        method = f"streamGenerateContent{query}" if stream else "generateContent"
        return f"/v1beta/models/{quote(model, safe='')}:{method}"

    return path


def _array(data: bytes) -> list[Any]:
    chunks: list[Any] = json.loads(data)
    return chunks


ANTHROPIC = Tongue(
    "anthropic",
    path=lambda model, stream: "/v1/messages",
    body=_messages,
    chunks=events,
    words=_anthropic_words,
    piece=b'"text_delta"',
    finish=b'"stop_reason":"end_turn"',
    done=b"event: message_stop",
    ping=b'event: ping\ndata: {"type":"ping"}\n\n',
    headers={"anthropic-version": "2023-06-01"},
)
GEMINI = Tongue(
    "gemini",
    path=_method("?alt=sse"),
    body=_contents,
    chunks=events,
    words=_gemini_words,
    piece=b'data: {"candidates":[{"content":{"parts":[{"text":"',
    finish=b'"finishReason":"STOP"',
    done=b"",
    ping=b": PROCESSING\r\n\r\n",
)
ARRAY = Tongue(
    "gemini array",
    path=_method(""),
    body=_contents,
    chunks=_array,
    words=_gemini_words,
    piece=b'            "text": "',
    finish=b'"finishReason": "STOP"',
    done=b"\n]\n",
    ping=b"\r\n\n\r\n",  # framed by the transfer coding
)
TONGUES = (ANTHROPIC, GEMINI, ARRAY)
