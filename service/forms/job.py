"""What goes to a worker, and what comes back."""

from dataclasses import dataclass

LENGTH_BYTES = 4
"""Each is a frame: its length in so many bytes, big-endian, and JSON."""
OUT_OF_MEMORY = 70
"""The exit code of a worker whose job took more than there is."""


@dataclass(frozen=True, slots=True)
class Job:
    """One look. Without a text only the schema is looked at; an empty schema stands for "some JSON object"."""

    schema: str
    text: str | None
    repair: bool
    seconds: float
    """Of the processor, at most."""


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it."""

    wrong: str = ""
    """Why the schema is none. Empty: it is one."""
    violations: tuple[str, ...] = ()
    repaired: str = ""
