"""How much of an answer has come, should it never come to its end."""

from dataclasses import dataclass


@dataclass(slots=True)
class SoFar:
    """Written by whoever reads from the provider, read when an attempt is lost: what it brought may be billed."""

    bytes: int = 0
    """Of all deltas, in UTF-8."""
