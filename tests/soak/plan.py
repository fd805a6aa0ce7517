"""What a soak is made of: whom is called how often, for how long, and over which part nothing may grow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.soak.kinds import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A soak ends after so many calls, or after a time."""

    kinds: Sequence[Kind]
    provider: Mapping[str, Any]
    """Settings of the provider."""
    failures: frozenset[str]
    """Kinds of failure that its requests must come to, or nothing was put to the test."""
    at_once: int
    """Calls that are open at most."""
    grows_over: float
    """The last part of the run, as a share of it, over which the growth is looked at."""
    calls: int | None = None
    seconds: float | None = None
    """Instead of `calls`."""
    load: float | None = None
    """Share of one CPU that the service is kept at; None: as much as it can."""
