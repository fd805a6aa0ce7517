"""What the configuration names. Nothing else that callers or providers say becomes a label."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.chat.target import Target

OTHER = "other"
"""Stands for every value that is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Names that may become labels."""

    version: str = ""
    digest: str = ""
    """Names the configuration."""
    routes: Sequence[str] = ()
    targets: Sequence[Target] = ()
    """Of all routes, each once."""
    rules: Sequence[str] = ()
    """That may answer, the default among them."""
    providers: Mapping[str, bool] = field(default_factory=dict)
    """Every provider, and whether it can be asked."""
