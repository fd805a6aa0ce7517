"""What is known of each target's limits and keys: the configuration, as the terms of its permits. Belongs to app."""

from collections.abc import Callable, Mapping
from functools import partial

from service.chat.target import Target
from service.config import LimitsSettings, Settings, keys_of
from service.pipeline.leasing.desk import Terms
from service.pipeline.leasing.leases import Leases
from service.policies.keys import KeyRing
from service.policies.lane import Limits


def leases_of(settings: Settings, rings: Mapping[str, KeyRing], now: Callable[[], float], most: int) -> Leases:
    """Permits for all targets; `rings` are those of providers that have keys. `most` targets are remembered."""
    return Leases(now, partial(terms_of, settings=settings, rings=rings), most)


def terms_of(target: Target, settings: Settings, rings: Mapping[str, KeyRing]) -> Terms:
    """Those of one target."""
    provider = settings.providers[target.provider]
    model = provider.models.get(target.model)
    limits = _limits((model.limits if model else None) or provider.limits)
    ring = rings.get(target.provider)
    if ring is None or len(ring) == 1:
        return Terms(limits=limits)
    return Terms(limits=limits, ring=ring, names=[known.name for known in keys_of(provider) if known.key is not None])


def _limits(written: LimitsSettings) -> Limits:
    return Limits(
        requests_per_minute=written.requests_per_minute,
        tokens_per_minute=written.tokens_per_minute,
        concurrency=written.concurrency,
        from_headers=written.from_headers,
    )
