"""A route's conditions, tightened by what the caller wishes for one call."""

from math import inf

from google.protobuf.duration_pb2 import Duration

from mainstay import v1 as pb
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions


def tightened(route: Conditions, policy: pb.CallPolicy) -> Conditions:
    """What is left of the route's conditions. Only the cache is the caller's alone to choose."""
    if not policy.ByteSize():  # nothing is wished
        return route
    return Conditions(
        clocks=route.clocks.tightened(_clocks(policy)),
        max_attempts=min(route.max_attempts, policy.max_attempts)
        if policy.HasField("max_attempts")
        else route.max_attempts,
        upstream_stream=route.upstream_stream,
        degrade=route.degrade and (policy.allow_degraded or not policy.HasField("allow_degraded")),
        cache=route.cache if policy.cache == pb.CACHE_MODE_UNSPECIFIED else policy.cache == pb.CACHE_MODE_USE,
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
