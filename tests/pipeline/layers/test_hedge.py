"""A second copy of a slow request."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.failures import Failure
from service.chat.reply import Abandoned, Broken, Ending, Handler
from service.chat.target import Candidate, Target
from service.pipeline.facts import Hedged
from service.pipeline.latencies import Latencies
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.hedge import Hedge
from service.pipeline.stack import stack
from service.policies.budget import CAP, Budget
from service.policies.circuit import Circuit, CircuitOptions
from service.policies.hedging import HedgeOptions
from service.policies.per_target import PerTarget
from tests.kit.facts import Facts
from tests.kit.replies import Watched, failure_of, text_of
from tests.kit.scripted import ScriptedProvider, answers, breaks, hangs, pauses, refuses
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
A, B = Target("a", "m"), Target("b", "m")
BOTH = [Candidate(target=A), Candidate(target=B)]
HEDGE = Conditions(hedge=True)
OPTIONS = HedgeOptions()
SLOW = answers("slow", opens_after=20)


@dataclass
class Permit:
    call: Call
    endings: list[Ending] = field(default_factory=list)

    def ended(self, ending: Ending) -> None:
        self.endings.append(ending)


class Permits(list[Permit]):
    """Gives as many as there are."""

    left = 99

    def try_now(self, call: Call) -> Permit | None:
        if not self.left:
            return None
        self.left -= 1
        self.append(Permit(call))
        return self[-1]


@dataclass
class World:
    """A hedge layer, and what it needs."""

    now: Callable[[], float]
    spans: SpanBook
    facts: Facts
    permits: Permits = field(default_factory=Permits)

    def __post_init__(self) -> None:
        self.latencies = Latencies(self.now)
        self.circuits = PerTarget(lambda target: Circuit(CircuitOptions(), self.now, lambda: 0.5))
        self.budgets = PerTarget(lambda target: Budget(self.now))
        self.knows(A)

    def knows(self, target: Target, seconds: float = 1.0, times: int = OPTIONS.least) -> None:
        for streamed in (False, True):
            for _ in range(times):
                self.latencies.of(target, streamed=streamed).saw(seconds)

    def build(self, provider: ScriptedProvider, options: HedgeOptions = OPTIONS) -> Handler:
        def observe(call: Call, fact: object) -> None:
            self.facts.observe(call, fact)  # type: ignore[arg-type]  # a fact, as the layers have it
            self.latencies.observe(call, fact)  # type: ignore[arg-type]

        hedge = Hedge(
            options=options,
            latencies=self.latencies,
            circuits=self.circuits,
            budgets=self.budgets,
            try_now=self.permits.try_now,
            observe=observe,
        )
        return stack(hedge, Attempt(now=self.now, tracer=self.spans.tracer, observe=observe), Commit(), leaf=provider)


@pytest.fixture
async def world(now: Callable[[], float], spans: SpanBook, facts: Facts) -> World:
    return World(now, spans, facts)


@pytest.fixture
def hedged(a_call: ACall) -> ACall:
    """Makes calls that may be hedged."""
    return lambda **fields: a_call(**{"conditions": HEDGE, "candidates": BOTH, **fields})


def outcomes(call: Call) -> list[tuple[int, int]]:
    return [(row.cause, row.outcome) for row in call.ledger]


@pytest.mark.parametrize("streamed", [False, True])
async def test_the_second_copy_of_a_slow_request_wins(
    streamed: bool, world: World, hedged: ACall, facts: Facts, now: Callable[[], float]
) -> None:
    call, provider = hedged(streamed=streamed), ScriptedProvider(SLOW, answers("quick", opens_after=0.5))
    reply = await world.build(provider)(call)
    assert now() == pytest.approx(1.5)
    assert await text_of(reply) == "quick"
    assert outcomes(call) == [
        (pb.ATTEMPT_CAUSE_FIRST, pb.ATTEMPT_OUTCOME_ABANDONED),
        (pb.ATTEMPT_CAUSE_HEDGE, pb.ATTEMPT_OUTCOME_ANSWERED),
    ]
    assert [(fact.attempt, fact.target, fact.onto, fact.seconds) for fact in facts.of(Hedged)] == [(1, A, A, 1.0)]
    provider.assert_done()


async def test_the_first_copy_may_still_win(world: World, hedged: ACall) -> None:
    call, provider = hedged(), ScriptedProvider(answers("first", opens_after=1.2), SLOW)
    assert await text_of(await world.build(provider)(call)) == "first"
    assert outcomes(call)[1] == (pb.ATTEMPT_CAUSE_HEDGE, pb.ATTEMPT_OUTCOME_ABANDONED)
    assert [permit.endings for permit in world.permits] == [[Abandoned()]]


async def test_the_loser_is_a_sample_of_something_that_would_have_taken_longer(world: World, hedged: ACall) -> None:
    latency = world.latencies.of(A, streamed=False)
    await text_of(await world.build(ScriptedProvider(SLOW, answers("quick", opens_after=0.5)))(hedged()))
    assert len(latency) == OPTIONS.least + 2
    assert latency.longest == 1.0
    assert latency.quantile(0.999) == pytest.approx(1.5), "the longest that anybody waited, though in vain"


async def test_a_loser_that_has_begun_to_stream_is_closed(world: World, hedged: ACall) -> None:
    both = [answers("a", pauses(1), "b", opens_after=2), answers("c", pauses(1), "d", opens_after=1)]
    provider = ScriptedProvider(*both)
    reply = await world.build(provider)(hedged(streamed=True))
    assert await text_of(reply) == "ab", "both began at once: the first copy goes on"
    provider.assert_done()


async def test_a_request_that_is_not_slow_is_sent_once(world: World, hedged: ACall) -> None:
    await text_of(await world.build(ScriptedProvider(answers("hi", opens_after=0.9)))(hedged()))


async def test_the_second_copy_answers_if_the_first_fails(world: World, hedged: ACall) -> None:
    takes = [refuses(pb.FAILURE_KIND_OVERLOADED, after=1.2), answers("hi", opens_after=5)]
    assert await text_of(await world.build(ScriptedProvider(*takes))(hedged())) == "hi"


async def test_if_both_fail_the_failure_of_the_first_is_told(world: World, hedged: ACall) -> None:
    takes = [refuses(pb.FAILURE_KIND_OVERLOADED, after=3), refuses(pb.FAILURE_KIND_RATE_LIMITED, after=0.5)]
    failure = await failure_of(world.build(ScriptedProvider(*takes))(hedged()))
    assert failure.kind == pb.FAILURE_KIND_OVERLOADED
    (ending,) = world.permits[0].endings
    assert isinstance(ending, Broken)
    assert ending.failure.kind == pb.FAILURE_KIND_RATE_LIMITED


async def test_a_request_that_fails_before_it_is_slow_is_not_hedged(world: World, hedged: ACall) -> None:
    takes = [refuses(pb.FAILURE_KIND_OVERLOADED, after=0.5)]
    await failure_of(world.build(ScriptedProvider(*takes))(hedged()))
    assert world.permits == []


async def test_the_permit_is_held_until_the_answer_has_ended(world: World, hedged: ACall) -> None:
    takes = [SLOW, answers("a", pauses(5), "b")]
    reply = await world.build(ScriptedProvider(*takes))(hedged(streamed=True))
    (permit,) = world.permits
    assert permit.endings == []
    endings = Watched(reply)
    assert await text_of(reply) == "ab"
    assert permit.endings == endings


async def test_a_winner_that_breaks_later_gives_its_permit_back(world: World, hedged: ACall) -> None:
    reply = await world.build(ScriptedProvider(SLOW, answers("a", breaks())))(hedged(streamed=True))
    await failure_of(text_of(reply))
    assert [len(permit.endings) for permit in world.permits] == [1]


async def one_copy_only(world: World, call: Call, options: HedgeOptions = OPTIONS) -> None:
    provider = ScriptedProvider(SLOW)
    assert await text_of(await world.build(provider, options)(call)) == "slow"
    assert len(call.ledger) == 1


async def test_nobody_hedges_a_call_that_does_not_want_it(world: World, a_call: ACall) -> None:
    await one_copy_only(world, a_call(candidates=BOTH))


async def test_without_a_free_permit_there_is_no_second_copy(world: World, hedged: ACall) -> None:
    world.permits.left = 0
    before = world.budgets[A].fill
    await one_copy_only(world, hedged())
    assert world.budgets[A].fill == pytest.approx(before)


async def test_an_empty_budget_allows_no_second_copy(world: World, hedged: ACall) -> None:
    for _ in range(int(CAP) + 1):
        world.budgets[A].withdraw()
    world.knows(A, 0.2, 200)
    await one_copy_only(world, hedged())
    assert world.permits == []


async def test_a_second_copy_is_paid_for(world: World, hedged: ACall) -> None:
    await text_of(await world.build(ScriptedProvider(SLOW, answers("hi", opens_after=0.001)))(hedged()))
    assert world.budgets[A].fill < 1


async def test_the_attempts_of_a_call_are_not_exceeded(world: World, hedged: ACall) -> None:
    await one_copy_only(world, hedged(conditions=Conditions(hedge=True, max_attempts=1)))


async def test_a_target_of_which_little_is_known_is_not_hedged(world: World, hedged: ACall) -> None:
    await one_copy_only(world, hedged(), HedgeOptions(least=OPTIONS.least + 1))


async def test_a_target_that_is_being_probed_is_not_hedged(
    world: World, hedged: ACall, now: Callable[[], float]
) -> None:
    circuit = world.circuits[A]
    leave = circuit.enter()
    assert leave is not None
    circuit.failed(leave, "MODEL_NOT_FOUND", at_once=True)
    await one_copy_only(world, hedged())


@pytest.mark.parametrize(("seen", "delay"), [(0.001, OPTIONS.floor), (19.0, OPTIONS.ceiling)])
async def test_the_delay_has_a_floor_and_a_ceiling(
    seen: float, delay: float, world: World, hedged: ACall, facts: Facts
) -> None:
    world.knows(A, seen, 200)
    await text_of(await world.build(ScriptedProvider(SLOW, answers("hi")))(hedged()))
    assert [fact.seconds for fact in facts.of(Hedged)] == [delay]


async def test_a_route_may_send_the_second_copy_to_the_next_target(world: World, hedged: ACall, facts: Facts) -> None:
    provider = ScriptedProvider(SLOW, answers("spare"))
    await text_of(await world.build(provider, HedgeOptions(spare=True))(hedged()))
    assert [asked.target for asked in provider.calls] == [A, B]
    assert (world.budgets[A].fill, world.budgets[B].fill < 1) == (1, True)
    assert [permit.call.target for permit in world.permits] == [B]


async def test_a_spare_is_asked_within_its_own_limits(world: World, hedged: ACall) -> None:
    own = Conditions(hedge=True, clocks=Clocks(connect=2, attempt=60))
    spare = Candidate(target=B, clocks=Clocks(connect=3, attempt=30))
    call = hedged(conditions=own, candidates=[BOTH[0], spare])
    provider = ScriptedProvider(SLOW, answers("spare"))
    await text_of(await world.build(provider, HedgeOptions(spare=True))(call))
    assert [asked.clocks for asked in provider.calls][1] == Clocks(connect=2, attempt=30)


@pytest.mark.parametrize("streamed", [False, True])
async def test_what_is_known_of_streams_says_nothing_about_whole_answers(
    streamed: bool, world: World, hedged: ACall
) -> None:
    for _ in range(OPTIONS.least):
        world.latencies.of(B, streamed=not streamed).saw(1.0)
    await one_copy_only(world, hedged(target=B, streamed=streamed))


async def test_the_last_target_has_no_spare(world: World, hedged: ACall) -> None:
    await one_copy_only(world, hedged(candidates=[BOTH[0]]), HedgeOptions(spare=True))


@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.2, 2.9])
async def test_a_caller_who_leaves_leaves_nothing_behind(seconds: float, world: World, hedged: ACall) -> None:
    call = hedged(streamed=True)
    takes = [SLOW, answers(hangs(), opens_after=1)] if seconds >= 1 else [SLOW]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await world.build(ScriptedProvider(*takes))(call)
    assert {row.outcome for row in call.ledger} == {pb.ATTEMPT_OUTCOME_ABANDONED}
    assert all(len(permit.endings) == 1 for permit in world.permits)


async def test_a_fault_in_the_second_copy_is_not_swallowed(world: World, hedged: ACall) -> None:
    async def faulty(call: Call) -> object:
        if call.cause == pb.ATTEMPT_CAUSE_HEDGE:
            raise ZeroDivisionError
        await asyncio.sleep(20)
        raise Failure(pb.FAILURE_KIND_UNKNOWN, "never")

    with pytest.raises(ZeroDivisionError):
        await world.build(faulty)(hedged())  # type: ignore[arg-type]  # as a leaf that breaks its contract would


async def test_the_spare_is_somebody_who_may_be_asked(world: World, hedged: ACall) -> None:
    await one_copy_only(world, hedged(behind=lambda: ()), HedgeOptions(spare=True))
