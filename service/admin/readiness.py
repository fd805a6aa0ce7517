"""What /readyz answers: which components there are, how they are, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """How a component is."""

    OK = "ok"
    PARTIAL = "partial"
    """It works, but not all of it."""
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the service that can be out of order."""

    name: str
    status: Status
    reason: str = ""
    """Why, for people, and what to do about it; holds nothing secret."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether calls should be sent here."""

    ready: bool
    components: Sequence[Component]
