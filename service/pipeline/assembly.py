"""THE ORDER of the layers: one line each, with the reason why it stands there. Nowhere else is it decided.

DESIGN section 3 has the whole list; layers join it as they are built. Each neighbouring pair has a story in
`tests/stories/test_order.py` that turns red when the two are swapped (`python -m tests.stories.swaps` shows it).
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field

from opentelemetry.trace import Tracer

from service.chat.reply import Handler
from service.chat.store import AnswerStore
from service.chat.target import Target
from service.pipeline.billing import Billing, TariffOf, unpriced
from service.pipeline.facts import Observe
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.cache import Cache, CacheOptions
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.degrade import Degrade
from service.pipeline.layers.fallback import Fallback
from service.pipeline.layers.first_answer import FirstAnswer
from service.pipeline.layers.retry import Retry, RetryOptions
from service.pipeline.layers.time_limit import TimeLimit
from service.pipeline.layers.trace import Trace
from service.pipeline.stack import Layer, stack
from service.policies.budget import Budget
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
    store: AnswerStore
    tariff_of: TariffOf = unpriced
    """What models cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What one route wants of its layers."""

    retry: RetryOptions = field(default_factory=RetryOptions)
    leave_content_filter: bool = False
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
        TimeLimit(now=now),  # inside what must still answer, outside whatever may wait
        Fallback(leave_content_filter=plan.leave_content_filter, observe=observe),  # each target has its own tries
        Retry(
            options=plan.retry,
            budgets=world.budgets,
            now=now,
            sleep=world.sleep,
            random=world.random,
            observe=observe,
        ),  # each try is an attempt of its own
        Attempt(
            now=now,
            tracer=tracer,
            observe=observe,
            billing=Billing(world.tariff_of, world.wall),
            named=world.named,
        ),  # outside what may fail it: its row says TOO_SLOW, EMPTY
        *_content(world),  # right below the attempt, on whose span it writes
        FirstAnswer(now=now),  # outside commit: a role or a ping is no answer
        Commit(),  # innermost: above it every layer may start over
        leaf=leaf,
    )


def _content(world: World) -> list[Layer]:
    return [] if world.content is None else [world.content]


def _degrade(plan: Plan, observe: Observe) -> list[Layer]:
    return [] if plan.rules is None else [Degrade(rules=plan.rules, observe=observe)]
