"""What goes to a worker, and what comes back."""

from dataclasses import dataclass

LENGTH_BYTES = 4
"""Each is a frame: its length in so many bytes, big-endian, and JSON."""
FAILED_AT_IT = 70
"""The exit code of a worker whose job was too much for it: for its memory, or for a library that gave up."""


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
