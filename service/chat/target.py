"""Whom a call can be sent to."""

from dataclasses import dataclass, field
from typing import Self

from service.chat.capabilities import Ability
from service.chat.clocks import Clocks

MODEL_CHARACTERS = 256


@dataclass(frozen=True, slots=True)
class Target:
    """A model at a provider; written `provider/model`, cut at the first slash."""

    provider: str
    model: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Cuts at the first slash. Raises ValueError, without the text in its message."""
        provider, _, model = text.partition("/")
        if not provider or not model or len(model) > MODEL_CHARACTERS or not model.isprintable() or " " in model:
            raise ValueError(f"must be provider/model, the model at most {MODEL_CHARACTERS} characters without spaces")
        return cls(provider, model)

    def __str__(self) -> str:
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A target that a call may go to, and what is known of it."""

    target: Target
    clocks: Clocks = field(default_factory=Clocks)
    """The provider's own limits."""
    context_tokens: int | None = None
    """The size of its context window. None: unknown."""
    takes_prefix: bool = False
    """It is known to go on after a beginning of its answer that stands at the end of the question."""
    lacks: frozenset[Ability] = frozenset()
    """What it is known not to be able to."""
