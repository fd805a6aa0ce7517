"""What is known of what a model can do."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Of one model, or of several together. None and False: not known to."""

    context_tokens: int | None = None
    """The size of the context window."""
    max_output_tokens: int | None = None
    """The longest answer."""
    tools: bool = False
    images: bool = False
    json_schema: bool = False
    """It keeps to a JSON schema on its own."""
    reasoning: bool = False


def shared(known: Iterable[Capabilities]) -> Capabilities:
    """What every one of them is known to be able to; of nobody, nothing."""
    each = list(known)
    if not each:
        return Capabilities()
    return Capabilities(
        context_tokens=_smallest([one.context_tokens for one in each]),
        max_output_tokens=_smallest([one.max_output_tokens for one in each]),
        tools=all(one.tools for one in each),
        images=all(one.images for one in each),
        json_schema=all(one.json_schema for one in each),
        reasoning=all(one.reasoning for one in each),
    )


def _smallest(limits: list[int | None]) -> int | None:
    known = [limit for limit in limits if limit is not None]
    return min(known) if len(known) == len(limits) else None
