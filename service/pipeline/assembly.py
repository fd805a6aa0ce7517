"""THE ORDER of the layers: one line each, with the reason why it stands there. Nowhere else is it decided.

DESIGN section 3 has the whole list; layers join it as they are built. Each neighbouring pair has a story in
`tests/stories/test_order.py` that turns red when the two are swapped (`python -m tests.stories.swaps` shows it).
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from opentelemetry.trace import Tracer

from service.chat.forms import Forms
from service.chat.reply import Handler
from service.chat.store import AnswerStore
from service.chat.target import Target
from service.pipeline.billing import Billing, TariffOf, unpriced
from service.pipeline.facts import Observe, all_of
from service.pipeline.judge import Judge
from service.pipeline.latencies import Latencies
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.breaker import Breaker
from service.pipeline.layers.cache import Cache, CacheOptions
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.conform import Conform
from service.pipeline.layers.degrade import Degrade
from service.pipeline.layers.fallback import Fallback, FallbackOptions
from service.pipeline.layers.first_answer import FirstAnswer
from service.pipeline.layers.hedge import Hedge
from service.pipeline.layers.lease import Lease
from service.pipeline.layers.recover import Recover
from service.pipeline.layers.retry import Retry, RetryOptions
from service.pipeline.layers.settle import Settle
from service.pipeline.layers.single_flight import SingleFlight
from service.pipeline.layers.time_limit import TimeLimit
from service.pipeline.layers.trace import Trace
from service.pipeline.leasing.leases import Leases
from service.pipeline.planning import Planning
from service.pipeline.stack import Layer, stack
from service.policies.budget import Budget
from service.policies.circuit import Circuit
from service.policies.estimates import Estimates
from service.policies.hedging import HedgeOptions
from service.policies.per_target import PerTarget
from service.policies.rules import RuleBook


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What layers need from outside, shared by all routes. Seconds; `now` is monotonic, `wall` is Unix time."""

    now: Callable[[], float]
    wall: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    random: Callable[[], float]
    """Uniform over [0, 1)."""
    observe: Observe
    tracer: Tracer
    named: Collection[Target] = ()
    """Whose names spans may bear: those that the configuration names. Callers invent others."""
    content: Layer | None = None
    """Records what was asked and answered; None: nobody wants that."""
    budgets: PerTarget[Budget]
    leases: Leases
    circuits: PerTarget[Circuit]
    latencies: Latencies
    store: AnswerStore
    forms: Forms
    tariff_of: TariffOf = unpriced
    """What models cost."""
    estimates: Estimates = field(default_factory=Estimates)
    """How many tokens questions have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one route wants of its layers."""

    retry: RetryOptions = field(default_factory=RetryOptions)
    fallback: FallbackOptions = field(default_factory=FallbackOptions)
    hedge: HedgeOptions = field(default_factory=HedgeOptions)
    cache: CacheOptions = field(default_factory=CacheOptions)
    rules: RuleBook | None = None
    """None: no rule ever stands in."""


def assemble(world: World, plan: Plan, leaf: Handler) -> Handler:
    """The handler of one route, down to the leaf that talks to its providers."""
    now, observe, tracer = world.now, world.observe, world.tracer
    return stack(
        Trace(tracer=tracer, named=world.named),  # sees everything, the running out of time included
        *_degrade(plan, observe),  # outside cache: what a rule says is never stored
        Cache(store=world.store, options=plan.cache, wall=world.wall, observe=observe),  # a hit needs nobody below
        Settle(
            forms=world.forms, now=now
        ),  # inside cache: a hit needs no schema. Outside time limit: it has what is in hand
        TimeLimit(now=now),  # inside what must still answer, outside whatever may wait
        SingleFlight(observe=observe),  # inside time limit: each caller waits on its own, for one and the same search
        Recover(budgets=world.budgets, observe=observe),  # outside fallback: it searches again
        Fallback(
            options=plan.fallback,
            planning=Planning(world.latencies, now, world.random),
            observe=observe,
            estimates=world.estimates,
        ),  # each target has its own tries
        Conform(
            judge=Judge(forms=world.forms, now=now, observe=observe),
            budgets=world.budgets,
            now=now,
            observe=observe,
        ),  # inside fallback: it fails a target. Outside retry: that is to be explained, and not to be repeated
        Retry(
            options=plan.retry,
            budgets=world.budgets,
            now=now,
            sleep=world.sleep,
            random=world.random,
            observe=observe,
        ),  # each try is an attempt of its own
        Lease(
            leases=world.leases, max_wait=plan.retry.max_wait, now=now, observe=observe
        ),  # inside retry: every request is paid for
        Hedge(
            options=plan.hedge,
            latencies=world.latencies,
            circuits=world.circuits,
            budgets=world.budgets,
            try_now=world.leases.try_now,
            observe=observe,
        ),  # inside lease: queueing is not slowness
        Breaker(
            circuits=world.circuits, now=now, observe=all_of(observe, world.leases.observe)
        ),  # inside hedge: it hears of every copy
        *_attempt(world),  # outside what may fail it: its row says TOO_SLOW, EMPTY
        FirstAnswer(now=now),  # outside commit: a role or a ping is no answer
        Commit(),  # innermost: above it every layer may start over
        leaf=leaf,
    )


def _attempt(world: World) -> list[Layer]:
    """With it goes whoever writes on its span, right below."""
    attempt = Attempt(
        now=world.now,
        tracer=world.tracer,
        observe=all_of(world.observe, world.latencies.observe),
        billing=Billing(world.tariff_of, world.wall, world.estimates),
        named=world.named,
    )
    return [attempt] if world.content is None else [attempt, world.content]


def _degrade(plan: Plan, observe: Observe) -> list[Layer]:
    return [] if plan.rules is None else [Degrade(rules=plan.rules, observe=observe)]
