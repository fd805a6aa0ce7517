"""Under what conditions a call is carried out."""

from dataclasses import dataclass, field

from service.chat.clocks import Clocks

MAX_ATTEMPTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a route allows; in a Call, what is left of it after the caller's policy."""

    clocks: Clocks = field(default_factory=Clocks)
    max_attempts: int = MAX_ATTEMPTS
    """Most requests to providers, over all targets."""
    upstream_stream: bool = False
    """Providers are asked to stream for unary calls, too: then the clocks of streams work for them."""
    degrade: bool = False
    """A rule may answer when nobody else can."""
    cache: bool = False
    """The cache may answer, and keep the answer."""
