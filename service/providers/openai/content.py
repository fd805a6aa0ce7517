"""Finds the thoughts and the text in a message or a delta, wherever a vendor puts them."""

from collections.abc import Iterator

from service.providers.openai.values import Json, objects_of, text_of, word_of

_THOUGHT_FIELDS = ("reasoning_content", "reasoning", "reasoning_text")


def thoughts_of(message: Json) -> str:
    """The reasoning, from one of its fields: OpenRouter says the same text in two of them."""
    for field in _THOUGHT_FIELDS:
        if (thoughts := message.get(field)) and isinstance(thoughts, str):
            return thoughts
    if details := message.get("reasoning_details"):
        return "".join(word_of(part.get("text")) for part in objects_of(details))
    return ""


def thoughts_and_text_of(content: object) -> Iterator[tuple[bool, str]]:
    """The pieces of a content that is not plain text, each with whether it is a thought. Raises Failure.

    Mistral sends a list of parts, thoughts among them; Cloudflare the object that a JSON schema asked for.
    """
    if not isinstance(content, list):
        yield False, text_of(content)
        return
    for part in content:
        if isinstance(part, str):
            yield False, part
        elif isinstance(part, dict):
            yield from _of_part(part)


def _of_part(part: Json) -> Iterator[tuple[bool, str]]:
    if part.get("type") == "thinking":
        thinking = part.get("thinking")
        yield (
            True,
            word_of(thinking) or "".join(word_of(thought.get("text")) for thought in objects_of(thinking)),
        )
    elif text := word_of(part.get("text")):
        yield False, text
