"""A route's conditions, tightened by what the caller wishes for one call."""

from math import inf

from google.protobuf.duration_pb2 import Duration

from mainstay import v1 as pb
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions


def tightened(route: Conditions, policy: pb.CallPolicy) -> Conditions:
    """What is left of the route's conditions. The cache, stale answers and hedging are the caller's alone to choose."""
    if not policy.ByteSize():  # nothing is wished
        return route
    return Conditions(
        clocks=route.clocks.tightened(_clocks(policy)),
        max_attempts=min(route.max_attempts, policy.max_attempts)
        if policy.HasField("max_attempts")
        else route.max_attempts,
        upstream_stream=route.upstream_stream,
        recovery=policy.recovery or route.recovery,
        hedge=policy.allow_hedging if policy.HasField("allow_hedging") else route.hedge,
        degrade=route.degrade and (policy.allow_degraded or not policy.HasField("allow_degraded")),
        cache=policy.cache or route.cache,
        cache_max_age=min(route.cache_max_age, _seconds(policy.cache_max_age)),
        stale=policy.allow_stale if policy.HasField("allow_stale") else route.stale,
    )


def _clocks(policy: pb.CallPolicy) -> Clocks:
    return Clocks(
        first_token=_seconds(policy.first_token_timeout),
        stall=_seconds(policy.stall_timeout),
        attempt=_seconds(policy.attempt_timeout),
    )


def _seconds(limit: Duration) -> float:
    """An unset limit reads as 0, which no set one is: the edge refuses those."""
    return limit.ToTimedelta().total_seconds() or inf
