"""In what a vendor's speech differs from the protocol as most vendors speak it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One vendor's way of speaking the protocol; the defaults are what most of them take."""

    max_tokens_field: str = "max_tokens"
    """Name of the output limit. OpenAI's own reasoning models take `max_completion_tokens` only."""
