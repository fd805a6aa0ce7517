"""Why the layers stand in the order of `pipeline/assembly.py`: a story for each pair, red when the two are swapped."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from opentelemetry.trace import StatusCode

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.ledger import Ledger
from service.chat.reply import Abandoned, Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.assembly import Plan, World, assemble
from service.pipeline.facts import CircuitChanged, PermitAwaited, Recovered
from service.pipeline.layers.retry import RetryOptions
from service.pipeline.leasing.desk import Terms
from service.pipeline.leasing.leases import Leases
from service.policies.circuit import State
from service.policies.hedging import HedgeOptions
from service.policies.lane import Limits
from tests.kit.facts import Facts
from tests.kit.forms import FITS, UNFIT, InlineForms, asks_for_json
from tests.kit.pipeline import pipeline, world_of
from tests.kit.replies import failure_of, kinds_of, text_of
from tests.kit.scripted import ScriptedProvider, Take, answers, breaks, hangs, pauses, refuses, says
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
Build = Callable[[Handler], Handler]
A, B = Target("a", "m"), Target("b", "m")
CANDIDATES = [Candidate(target=A, clocks=Clocks(first_token=5)), Candidate(target=B)]
DEGRADE, CACHE = Conditions(degrade=True), Conditions(cache=pb.CACHE_MODE_USE)
HEDGE = Conditions(hedge=True)


def down(times: int = 1) -> list[Take]:
    return [refuses(pb.FAILURE_KIND_UNREACHABLE)] * times


def knows(world: World, seconds: float) -> None:
    """It was seen often how fast the first target is."""
    for _ in range(HedgeOptions().least):
        world.latencies.of(A, streamed=False).saw(seconds)


async def read(handler: Handler, call: Call) -> str:
    return await text_of(await handler(call))


@pytest.fixture
def build(now: Callable[[], float], spans: SpanBook, facts: Facts) -> Build:
    return lambda leaf: pipeline(leaf, now, spans.tracer, facts)


async def test_trace_stands_outside_degrade_so_that_a_call_that_a_rule_answered_did_not_fail(
    build: Build, a_call: ACall, spans: SpanBook
) -> None:
    await kinds_of(await build(ScriptedProvider(*down(3)))(a_call(conditions=DEGRADE)))
    assert spans.named("chat fast").status.status_code is not StatusCode.ERROR


async def test_degrade_stands_outside_cache_so_that_what_a_rule_says_is_not_kept(build: Build, a_call: ACall) -> None:
    handler = build(ScriptedProvider(*down(3), answers("the model")))
    conditions = Conditions(degrade=True, cache=pb.CACHE_MODE_USE)
    assert await text_of(await handler(a_call(conditions=conditions))) == "Nobody can answer right now."
    assert await text_of(await handler(a_call(conditions=conditions))) == "the model"


async def test_cache_stands_outside_settle_so_that_a_hit_needs_no_schema(
    now: Callable[[], float], spans: SpanBook, facts: Facts, a_call: ACall
) -> None:
    forms = InlineForms()
    handler = pipeline(ScriptedProvider(answers(FITS)), now, spans.tracer, facts, forms)
    for _ in range(2):
        assert await read(handler, a_call(conditions=CACHE, request=asks_for_json())) == FITS
    assert len(forms.schemas) == 1


async def test_settle_stands_outside_time_limit_so_that_what_is_in_hand_is_there_when_time_runs_out(
    build: Build, a_call: ACall
) -> None:
    async def leaf(call: Call) -> Reply:
        return await ScriptedProvider(answers(UNFIT if call.target == A else hangs()))(call)

    call = a_call(candidates=CANDIDATES, request=asks_for_json(), seconds=10)
    assert await read(build(leaf), call) == UNFIT


async def test_cache_stands_outside_time_limit_so_that_a_hit_needs_no_time(build: Build, a_call: ACall) -> None:
    handler = build(ScriptedProvider(answers("hi")))
    await kinds_of(await handler(a_call(conditions=CACHE)))
    assert await text_of(await handler(a_call(conditions=CACHE, seconds=0.04))) == "hi"


async def test_time_limit_stands_outside_single_flight_so_that_nobody_waits_with_anothers_patience(
    build: Build, a_call: ACall
) -> None:
    handler = build(ScriptedProvider(answers("hi", opens_after=10)))
    hasty, patient = (a_call(conditions=CACHE, seconds=seconds, ledger=Ledger()) for seconds in (5, 60))
    ran_out, told = await asyncio.gather(failure_of(handler(hasty)), read(handler, patient))
    assert (ran_out.kind, told) == (pb.FAILURE_KIND_OUT_OF_TIME, "hi")


async def test_single_flight_stands_outside_recover_so_that_a_stream_that_breaks_for_all_goes_on_once(
    build: Build, a_call: ACall, facts: Facts
) -> None:
    handler = build(ScriptedProvider(answers("a", pauses(1), breaks()), answers("b")))
    candidates = [Candidate(target=A, takes_prefix=True)]
    calls = (a_call(conditions=CACHE, streamed=True, candidates=candidates, ledger=Ledger()) for _ in range(3))
    assert await asyncio.gather(*(read(handler, call) for call in calls)) == ["ab"] * 3
    assert len(facts.of(Recovered)) == 1


async def test_time_limit_stands_outside_fallback_so_that_running_out_of_time_is_what_is_told(
    build: Build, a_call: ACall
) -> None:
    provider = ScriptedProvider(*down(3), answers("late", opens_after=99))
    failure = await failure_of(build(provider)(a_call(candidates=CANDIDATES, seconds=10)))
    assert failure.kind == pb.FAILURE_KIND_OUT_OF_TIME


async def test_fallback_stands_outside_conform_so_that_the_next_target_is_asked_for_what_this_one_could_not_say(
    build: Build, a_call: ACall
) -> None:
    async def leaf(call: Call) -> Reply:
        return await ScriptedProvider(answers(UNFIT if call.target == A else FITS))(call)

    call = a_call(candidates=CANDIDATES, request=asks_for_json())
    assert await read(build(leaf), call) == FITS
    *_, last = call.ledger
    assert (last.provider, last.cause) == (B.provider, pb.ATTEMPT_CAUSE_FALLBACK)


async def test_conform_stands_outside_retry_so_that_a_target_is_asked_once_more_and_no_more(
    build: Build, a_call: ACall
) -> None:
    async def leaf(call: Call) -> Reply:
        return await ScriptedProvider(answers(UNFIT))(call)

    call = a_call(request=asks_for_json())
    assert await read(build(leaf), call) == UNFIT
    assert call.ledger.requests <= 2


async def test_fallback_stands_outside_retry_so_that_each_target_has_its_own_tries(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(*down(3), answers("hi"))
    await kinds_of(await build(provider)(a_call(candidates=CANDIDATES)))
    assert [call.target for call in provider.calls] == [A, A, A, B]


async def test_retry_stands_outside_attempt_so_that_each_try_has_its_row(build: Build, a_call: ACall) -> None:
    call = a_call()
    await kinds_of(await build(ScriptedProvider(*down(1), answers("hi")))(call))
    outcomes = [pb.ATTEMPT_OUTCOME_FAILED, pb.ATTEMPT_OUTCOME_ANSWERED]
    assert [row.outcome for row in call.ledger] == outcomes


async def test_retry_stands_outside_lease_so_that_no_permit_is_held_while_nobody_asks(
    build: Build, a_call: ACall
) -> None:
    provider = ScriptedProvider(*down(1), answers("hi"))
    await kinds_of(await build(provider)(a_call()))
    first, second = (call.permit for call in provider.calls)
    assert first is not second


async def test_lease_stands_outside_breaker_so_that_the_probe_does_not_stand_in_line(
    now: Callable[[], float], spans: SpanBook, facts: Facts, a_call: ACall
) -> None:
    leases = Leases(now, lambda target: Terms(limits=Limits(concurrency=1)))
    world = replace(world_of(now, spans.tracer, facts), leases=leases)
    call = a_call()
    circuit, busy = world.circuits[call.target], leases.try_now(call)
    leave = circuit.enter()
    assert leave is not None
    assert busy is not None
    circuit.failed(leave, "OVERLOADED", at_once=True)
    await asyncio.sleep(20)
    asyncio.get_running_loop().call_later(5, busy.ended, Abandoned())
    await kinds_of(await assemble(world, Plan(), ScriptedProvider(answers("hi")))(a_call(seconds=90)))
    told = [fact for fact in facts if isinstance(fact, PermitAwaited | CircuitChanged)]
    assert [type(fact) for fact in told] == [PermitAwaited, CircuitChanged, CircuitChanged]


async def test_recover_stands_outside_fallback_so_that_it_searches_again(build: Build, a_call: ACall) -> None:
    able = [replace(candidate, takes_prefix=True) for candidate in CANDIDATES]
    call = a_call(candidates=able, streamed=True)
    provider = ScriptedProvider(answers("a", breaks()), *down(2), answers("b"))
    assert await text_of(await build(provider)(call)) == "ab"
    assert [asked.target for asked in provider.calls] == [A, A, A, B]


async def test_lease_stands_outside_hedge_so_that_queueing_is_not_slowness(
    now: Callable[[], float], spans: SpanBook, facts: Facts, a_call: ACall
) -> None:
    leases = Leases(now, lambda target: Terms(limits=Limits(concurrency=1 if target == A else None)))
    world = replace(world_of(now, spans.tracer, facts), leases=leases)
    call = a_call(candidates=CANDIDATES, conditions=HEDGE)
    knows(world, 1.0)
    busy = leases.try_now(call)
    assert busy is not None
    asyncio.get_running_loop().call_later(3, busy.ended, Abandoned())
    provider = ScriptedProvider(answers("hi", opens_after=0.5))
    assert await read(assemble(world, Plan(hedge=HedgeOptions(spare=True)), provider), call) == "hi"
    assert [asked.target for asked in provider.calls] == [A]


async def test_hedge_stands_outside_breaker_so_that_it_hears_of_every_copy(
    now: Callable[[], float], spans: SpanBook, facts: Facts, a_call: ACall
) -> None:
    world = world_of(now, spans.tracer, facts)
    knows(world, 1.0)
    copies = [refuses(pb.FAILURE_KIND_OVERLOADED, after=3), refuses(pb.FAILURE_KIND_OVERLOADED, after=1)]
    handler = assemble(world, Plan(retry=RetryOptions(first=1)), ScriptedProvider(*copies * 3))
    for _ in range(3):
        await failure_of(handler(a_call(candidates=CANDIDATES[:1], conditions=HEDGE)))
    assert world.circuits[A].state is State.OPEN, "after five in a row: two copies of three requests"


async def test_breaker_stands_outside_attempt_so_that_who_is_passed_over_made_none(build: Build, a_call: ACall) -> None:
    handler = build(ScriptedProvider(refuses(pb.FAILURE_KIND_MODEL_NOT_FOUND)))
    await failure_of(handler(a_call()))
    call = a_call()
    await failure_of(handler(call))
    assert [row.outcome for row in call.ledger] == [pb.ATTEMPT_OUTCOME_SKIPPED]


async def test_attempt_stands_outside_first_answer_so_that_an_attempt_that_is_too_slow_has_failed(
    build: Build, a_call: ACall
) -> None:
    call = a_call(candidates=CANDIDATES, streamed=True)
    await kinds_of(await build(ScriptedProvider(answers("late", opens_after=9), answers("hi")))(call))
    assert [row.failure for row in call.ledger] == [pb.FAILURE_KIND_TOO_SLOW, pb.FAILURE_KIND_UNSPECIFIED]


async def test_first_answer_stands_outside_commit_so_that_a_role_is_no_first_token(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(answers(says(""), hangs()), answers("hi"))
    reply = await build(provider)(a_call(candidates=CANDIDATES, streamed=True))
    assert await text_of(reply) == "hi"
    assert [call.target for call in provider.calls] == [A, B]


async def test_a_stream_goes_through_every_layer_and_back(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(answers(pauses(1), "a", pauses(1), "b"))
    call = a_call(streamed=True)
    reply = await build(provider)(call)
    assert await kinds_of(reply) == ["started", "text_delta", "text_delta", "completed"]
    (row,) = call.ledger
    assert (row.time_to_first_token.ToMilliseconds(), row.latency.ToMilliseconds()) == (1000, 2000)
    provider.assert_done()
