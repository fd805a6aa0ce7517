"""Finds the thoughts and the text in a message or a delta, wherever a vendor puts them."""

from collections.abc import Iterator
from typing import Literal

from service.providers.values import Json, objects_of, text_of, word_of

Kind = Literal["thought", "text", "block"]
"""`block`: something that the contract does not model, as JSON."""

_THOUGHT_FIELDS = ("reasoning_content", "reasoning", "reasoning_text")


def thoughts_of(message: Json) -> str:
    """The reasoning, from one of its fields: OpenRouter says the same text in two of them."""
    for field in _THOUGHT_FIELDS:
        if (thoughts := message.get(field)) and isinstance(thoughts, str):
            return thoughts
    if details := message.get("reasoning_details"):
        return "".join(word_of(part.get("text")) or word_of(part.get("summary")) for part in objects_of(details))
    return ""


def pieces_of(content: object) -> Iterator[tuple[Kind, str]]:
    """The pieces of a content that is not plain text. Raises Failure.

    Mistral sends a list of parts, thoughts among them; Cloudflare the object that a JSON schema asked for.
    """
    if not isinstance(content, list):
        yield "text", text_of(content)
        return
    for part in content:
        if isinstance(part, str):
            yield "text", part
        elif isinstance(part, dict):
            yield _piece(part)


def blocks_of(message: Json) -> Iterator[str]:
    """Pictures that the model drew, which OpenRouter puts beside the content, each as JSON. Raises Failure."""
    if "images" in message:
        yield from map(text_of, objects_of(message["images"]))


def _piece(part: Json) -> tuple[Kind, str]:
    kind = part.get("type")
    if kind == "thinking":
        thinking = part.get("thinking")
        return "thought", word_of(thinking) or "".join(word_of(piece.get("text")) for piece in objects_of(thinking))
    if (text := word_of(part.get("text"))) or not kind or kind == "text":
        return "text", text
    return "block", text_of(part)
