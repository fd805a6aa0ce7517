"""How much one call's spans may hold: a caller decides what is in many of them."""

from collections.abc import Sequence

from opentelemetry.util.types import AnyValue, AttributeValue

MOST_SPANS = 128
"""In a call."""
MOST_EVENTS = 32
"""On a span."""
MOST_LINKS = 32
"""On a span."""
MOST_CHARACTERS = 1024
"""In a text."""
MOST_ITEMS = 32
"""In a list."""
CONTENT_CHARACTERS = 16 * 1024
"""In a text that holds prompts or answers, which are recorded only where somebody wants to read them."""
CONTENT = frozenset({"gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"})


def bounded(key: str, value: AnyValue) -> AttributeValue:
    """The value as an attribute may hold it, cut to its bound."""
    if isinstance(value, str):
        return _text(value, CONTENT_CHARACTERS if key in CONTENT else MOST_CHARACTERS)
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_text(str(item), MOST_CHARACTERS) for item in value[:MOST_ITEMS]]
    return _text(str(value), MOST_CHARACTERS)


def _text(text: str, most: int) -> str:
    cut = text if len(text) <= most else text[: most - 1] + "…"
    # Half a surrogate pair cannot be written as UTF-8 and would take a whole batch of spans with it.
    return cut if cut.isascii() else cut.encode(errors="replace").decode()
