"""A kind of calls in a soak: what goes wrong in it, and how it may end."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mainstay import v1 as pb

MODEL, CACHE, RULE = "MODEL", "CACHE", "RULE"
ANSWERS = frozenset({MODEL, CACHE, RULE})
"""How a call ends that got one: by its source."""
OK, UNAVAILABLE, REFUSED, LATE, CANCELLED = "OK", "UNAVAILABLE", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "CANCELLED"
AT_THE_CALLER = "DEADLINE_EXCEEDED at the caller"
"""The deadline passed before the service said so: it may have seen its caller leave, or never have seen the call."""
DEADLINE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """By its name, which callers give as theirs, the log tells it apart."""

    name: str
    share: int
    """Calls in a round."""
    says: str
    targets: Sequence[str]
    """Models of the provider: each does what it is called, `answers` is sound."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Further ones of its route."""
    shares: str = ""
    """The kind whose route it takes; empty: it has one of its own."""
    breaks: bool = False
    """Whether the provider is told to break its answer."""
    streamed: bool = False
    ends: frozenset[str] = frozenset({MODEL})
    """The ways in which it may end: source of the answer, or status."""
    deadline: float = DEADLINE
    """The caller's, in seconds."""
    leaves: bool = False
    """Whether the caller goes away after the first text."""
    questions: int = 1
    """How many different ones are asked; over 1 the route caches."""
    policy: pb.CallPolicy | None = None
    begun: str = ""
    """How the caller itself begins the answer."""

    @property
    def route(self) -> str:
        """Whom it asks."""
        return self.shares or self.name

    @property
    def fails(self) -> bool:
        """Whether the caller gets no answer."""
        return self.ends.isdisjoint(ANSWERS)


def shuffled(kinds: Sequence[Kind], seed: int) -> Sequence[Kind]:
    """A round of calls, the same for the same seed."""
    calls = [kind for kind in kinds for _ in range(kind.share)]
    random.Random(seed).shuffle(calls)
    return calls
