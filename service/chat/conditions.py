"""Under what conditions a call is carried out."""

from dataclasses import dataclass, field
from math import inf

from mainstay import v1 as pb
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
    recovery: pb.Recovery.ValueType = pb.RECOVERY_CONTINUE
    """What becomes of a stream that breaks after its caller has seen some of it; never unspecified."""
    hedge: bool = False
    """A slow request may be sent a second time."""
    degrade: bool = False
    """A rule may answer when nobody else can."""
    cache: pb.CacheMode.ValueType = pb.CACHE_MODE_BYPASS
    """What the cache may do. Never UNSPECIFIED."""
    cache_max_age: float = inf
    """Seconds after which a kept answer is not fresh for this call, if its route is not stricter."""
    stale: bool = False
    """A kept answer that is past its time may stand in when nobody else can answer."""
