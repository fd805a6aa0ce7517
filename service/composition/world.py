"""What all routes share: clocks, circuits, budgets, limits, the cache; and what of it metrics read."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from service.chat.forms import Forms
from service.chat.target import Target
from service.composition.leased import leases_of
from service.composition.measured import targets_of
from service.composition.pricing import tariff_of
from service.composition.resolve import circuit_options
from service.composition.targets import reading
from service.config import Settings
from service.pipeline.assembly import World
from service.pipeline.facts import all_of
from service.pipeline.latencies import Latencies
from service.pipeline.learning import Learning
from service.policies.budget import Budget
from service.policies.circuit import Circuit, State
from service.policies.estimates import Estimates
from service.policies.keys import KeyRing
from service.policies.per_target import MOST, PerTarget
from service.stores.memory import MemoryStore
from service.telemetry.metrics.readings import Readings
from service.telemetry.telemetry import Telemetry


def world_of(
    settings: Settings, told: Telemetry, store: MemoryStore, rings: Mapping[str, KeyRing], forms: Forms
) -> World:
    """The same for all routes; what it keeps of targets is bounded, and never what it keeps of those of routes."""
    now = time.monotonic
    routed = frozenset(targets_of(settings))
    most = MOST + len(routed)  # metrics look at those of routes all the time
    estimates = Estimates(most)
    return World(
        now=now,
        wall=time.time,
        sleep=asyncio.sleep,
        random=random.random,
        observe=all_of(told.observe, Learning(estimates, _soon).observe),
        tracer=told.tracer,
        named=routed,
        content=told.content,
        budgets=PerTarget(lambda target: Budget(now), most),
        leases=leases_of(settings, rings, now, most),
        latencies=Latencies(now),
        circuits=_circuits(settings, now, most),
        store=store,
        forms=forms,
        tariff_of=lru_cache(maxsize=most)(partial(tariff_of, settings=settings)),
        estimates=estimates,
    )


def _soon(work: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(work)


def _circuits(settings: Settings, now: Callable[[], float], most: int) -> PerTarget[Circuit]:
    def circuit(target: Target) -> Circuit:
        return Circuit(circuit_options(settings.providers[target.provider].circuit), now, random.random)

    return PerTarget(circuit, most)


def readings_of(
    world: World, store: MemoryStore, log_dropped: Callable[[], int], spans_dropped: Callable[[], int]
) -> Readings:
    """What is looked at whenever somebody wants metrics."""
    return Readings(
        budget_fill=lambda target: world.budgets[target].fill,
        circuit_open=lambda target: world.circuits[target].state is not State.CLOSED,
        lease=reading(world.leases),
        cache_entries=lambda: len(store),
        cache_bytes=lambda: store.taken,
        log_dropped=log_dropped,
        spans_dropped=spans_dropped,
    )
