"""Who says whether an answer has the form that was asked for: the seam between layers and whoever looks at texts."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of looking at a text."""

    violations: tuple[str, ...] = ()
    """In what it does not fit, as StructuredOutput has them. Empty: it fits."""
    repaired: str = ""
    """JSON that fits, made of the text. Empty: it fits itself, or none could be made."""


class Unchecked(Exception):
    """Nobody can say whether a text fits; the message says why, for people."""


class Forms(Protocol):
    """Looks at texts and schemas. Both are hostile: whatever stands in them, a look has an end and hurts nobody."""

    async def wrong_with(self, schema: str, *, seconds: float) -> str | None:
        """Why no text can be held against a JSON Schema, with what to do; None: each can, or nobody can say.

        It takes at most about `seconds`.
        """
        ...

    async def look(self, text: str, schema: str, *, repair: bool, seconds: float) -> Finding:
        """Holds a text against a JSON Schema; empty: against "some JSON object". Raises Unchecked.

        With `repair` it tries to make a text that fits of one that does not. It takes at most about `seconds`.
        """
        ...
