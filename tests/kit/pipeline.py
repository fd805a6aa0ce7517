"""The whole pipeline over a scripted provider."""

import asyncio
import time
from collections.abc import Callable

from opentelemetry.trace import Tracer

from service.chat.reply import Handler
from service.pipeline.assembly import Plan, World, assemble
from service.pipeline.latencies import Latencies
from service.pipeline.leasing.leases import Leases
from service.policies.budget import Budget
from service.policies.circuit import Circuit, CircuitOptions
from service.policies.per_target import PerTarget
from service.policies.rules import RuleBook
from service.stores.memory import MemoryStore
from tests.kit.facts import Facts
from tests.kit.forms import InlineForms

RULES = RuleBook(
    rules=[],
    default={"en": "Nobody can answer right now.", "zh": "现在没有人能回答。"},
    contact={"en": "the operators"},
    notices={"en": "an automatic answer"},
)


def world_of(now: Callable[[], float], tracer: Tracer, facts: Facts, forms: InlineForms | None = None) -> World:
    """Virtual time, dice that always show one half."""
    return World(
        now=now,
        wall=time.time,
        sleep=asyncio.sleep,
        random=lambda: 0.5,
        observe=facts.observe,
        tracer=tracer,
        budgets=PerTarget(lambda target: Budget(now)),
        leases=Leases(now),
        latencies=Latencies(now),
        circuits=PerTarget(lambda target: Circuit(CircuitOptions(), now, lambda: 0.5)),
        store=MemoryStore(max_bytes=2**20, max_entries=100, now=now),
        forms=forms or InlineForms(),
    )


def pipeline(
    leaf: Handler, now: Callable[[], float], tracer: Tracer, facts: Facts, forms: InlineForms | None = None
) -> Handler:
    """As production has it."""
    return assemble(world_of(now, tracer, facts, forms), Plan(rules=RULES), leaf)
