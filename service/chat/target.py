"""Whom a call can be sent to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A model at a provider; written `provider/model`, cut at the first slash."""

    provider: str
    model: str

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"
