"""Targets that keep failing are passed over."""

import asyncio
from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call, changed
from service.chat.clocks import Clocks
from service.chat.reply import Handler, Reply
from service.chat.target import Target
from service.pipeline.facts import CircuitChanged, TargetSkipped
from service.pipeline.layers.breaker import LONG_SECONDS, Breaker
from service.pipeline.layers.commit import Commit
from service.pipeline.stack import stack
from service.policies.circuit import Circuit, CircuitOptions, State
from service.policies.per_target import PerTarget
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, kinds_of
from tests.kit.scripted import ScriptedProvider, answers, breaks, hangs, refuses

ACall = Callable[..., Call]
Build = Callable[..., Handler]
OPTIONS = CircuitOptions()
DOWN = refuses(pb.FAILURE_KIND_UNREACHABLE)
BLAMELESS = [
    kind
    for kind in pb.FailureKind.values()
    if pb.FailureKind.Name(kind).removeprefix("FAILURE_KIND_")
    in {
        *("RATE_LIMITED", "QUOTA_EXHAUSTED", "BILLING", "BAD_CREDENTIALS", "PERMISSION", "INVALID_REQUEST"),
        *("CONTEXT_TOO_LONG", "CONTENT_FILTERED", "UNSUPPORTED", "REJECTED_PARAMETER", "OUT_OF_TIME", "CANCELLED"),
    }
]


@pytest.fixture
def circuits(now: Callable[[], float]) -> PerTarget[Circuit]:
    return PerTarget(lambda target: Circuit(OPTIONS, now, lambda: 0.5))


@pytest.fixture
def build(now: Callable[[], float], circuits: PerTarget[Circuit], facts: Facts) -> Build:
    def make(provider: ScriptedProvider) -> Handler:
        return stack(Breaker(circuits=circuits, now=now, observe=facts.observe), Commit(), leaf=provider)

    return make


async def opened(handler: Handler, call: Call) -> Reply:
    return await handler(call)


async def fails(handler: Handler, call: Call, times: int = OPTIONS.in_a_row) -> None:
    for _ in range(times):
        await failure_of(handler(call))


async def test_a_target_that_keeps_failing_is_not_asked(build: Build, a_call: ACall, facts: Facts) -> None:
    call, provider = a_call(), ScriptedProvider(*[DOWN] * OPTIONS.in_a_row)
    handler = build(provider)
    await fails(handler, call)
    await asyncio.sleep(5)
    failure = await failure_of(handler(call))
    assert failure.kind == pb.FAILURE_KIND_CIRCUIT_OPEN
    assert failure.retry_after == pytest.approx(10)
    assert failure.detail == "primary/m1: its circuit is open (UNREACHABLE); 10 s to go"
    (row,) = call.ledger
    assert (row.outcome, row.failure) == (pb.ATTEMPT_OUTCOME_SKIPPED, pb.FAILURE_KIND_CIRCUIT_OPEN)
    assert (row.cause, row.cost_nano_usd) == (pb.ATTEMPT_CAUSE_FIRST, 0)
    assert row.detail == "its circuit is open (UNREACHABLE); 10 s to go"
    assert [(fact.target, fact.why) for fact in facts.of(TargetSkipped)] == [(call.target, row.detail)]
    provider.assert_done()


async def test_each_target_has_a_circuit_of_its_own(build: Build, a_call: ACall) -> None:
    call, provider = a_call(), ScriptedProvider(*[DOWN] * OPTIONS.in_a_row, answers("hi"))
    handler = build(provider)
    await fails(handler, call)
    assert await kinds_of(await handler(changed(call, target=Target("primary", "m2"))))


async def test_one_request_finds_out_that_the_target_is_back(build: Build, a_call: ACall, facts: Facts) -> None:
    call = a_call()
    provider = ScriptedProvider(*[DOWN] * OPTIONS.in_a_row, answers("hi", opens_after=1), answers("hi"))
    handler = build(provider)
    await fails(handler, call)
    await asyncio.sleep(OPTIONS.opens_for)
    probe = asyncio.create_task(opened(handler, call))
    await asyncio.sleep(0.5)
    meanwhile = await failure_of(handler(call))
    assert meanwhile.kind == pb.FAILURE_KIND_CIRCUIT_OPEN
    assert "it is being probed" in meanwhile.detail
    await kinds_of(await probe)
    await kinds_of(await handler(call))
    assert [fact.state for fact in facts.of(CircuitChanged)] == [State.OPEN, State.HALF_OPEN, State.CLOSED]


async def test_a_probe_that_fails_opens_it_for_longer(build: Build, a_call: ACall, facts: Facts) -> None:
    call, provider = a_call(), ScriptedProvider(*[DOWN] * (OPTIONS.in_a_row + 1))
    handler = build(provider)
    await fails(handler, call)
    await asyncio.sleep(OPTIONS.opens_for)
    await fails(handler, call, 1)
    opened = [fact.seconds for fact in facts.of(CircuitChanged) if fact.state is State.OPEN]
    assert opened == [pytest.approx(15), pytest.approx(22.5)]


@pytest.mark.parametrize("kind", BLAMELESS, ids=pb.FailureKind.Name)
async def test_what_is_not_the_targets_fault_does_not_open_it(
    kind: pb.FailureKind.ValueType, build: Build, a_call: ACall, circuits: PerTarget[Circuit]
) -> None:
    call = a_call()
    await fails(build(ScriptedProvider(*[refuses(kind)] * 20)), call, 20)
    assert circuits[call.target].state is State.CLOSED


@pytest.mark.parametrize("kind", BLAMELESS, ids=pb.FailureKind.Name)
async def test_a_probe_that_says_nothing_about_the_target_makes_room_for_another(
    kind: pb.FailureKind.ValueType, build: Build, a_call: ACall
) -> None:
    call, provider = a_call(), ScriptedProvider(*[DOWN] * OPTIONS.in_a_row, refuses(kind), answers("hi"))
    handler = build(provider)
    await fails(handler, call)
    await asyncio.sleep(OPTIONS.opens_for)
    await fails(handler, call, 1)
    await kinds_of(await handler(call))


async def test_a_model_that_is_not_there_is_not_asked_for_longer_at_once(build: Build, a_call: ACall) -> None:
    call, handler = a_call(), build(ScriptedProvider(refuses(pb.FAILURE_KIND_MODEL_NOT_FOUND)))
    await fails(handler, call, 1)
    failure = await failure_of(handler(call))
    assert (failure.kind, failure.retry_after) == (pb.FAILURE_KIND_CIRCUIT_OPEN, LONG_SECONDS)
    assert "MODEL_NOT_FOUND" in failure.detail


async def test_the_wait_that_a_target_asks_for_is_the_least(build: Build, a_call: ACall) -> None:
    call, overloaded = a_call(), refuses(pb.FAILURE_KIND_OVERLOADED, retry_after=90)
    handler = build(ScriptedProvider(*[overloaded] * OPTIONS.in_a_row))
    await fails(handler, call)
    assert (await failure_of(handler(call))).retry_after == 90


async def broken(handler: Handler, call: Call) -> None:
    reply = await handler(call)
    await failure_of(kinds_of(reply))


async def test_a_stream_that_breaks_is_a_failure_though_it_had_begun(
    build: Build, a_call: ACall, circuits: PerTarget[Circuit], facts: Facts
) -> None:
    call, provider = a_call(streamed=True), ScriptedProvider(*[answers("hi", breaks())] * 5)
    handler = build(provider)
    for _ in range(5):
        assert circuits[call.target].state is State.CLOSED
        await broken(handler, call)
    assert circuits[call.target].state is State.OPEN
    assert [(fact.state, fact.why) for fact in facts.of(CircuitChanged)] == [(State.OPEN, "CUT_OFF")]


async def test_a_caller_who_leaves_says_nothing_about_the_target(
    build: Build, a_call: ACall, circuits: PerTarget[Circuit]
) -> None:
    call = a_call(streamed=True)
    handler = build(ScriptedProvider(*[answers("hi", hangs())] * 20))
    for _ in range(20):
        await (await handler(call)).aclose()
    assert circuits[call.target].state is State.CLOSED


async def gives_up_after(seconds: float, handler: Handler, call: Call) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(seconds):
            await handler(call)


@pytest.mark.parametrize(("seconds", "state"), [(8.0, State.CLOSED), (8.1, State.OPEN)])
async def test_a_caller_whose_time_runs_out_before_a_slow_target_answers_was_failed_by_it(
    seconds: float, state: State, build: Build, a_call: ACall, circuits: PerTarget[Circuit]
) -> None:
    await asyncio.sleep(128)  # it counts from when it asked; 128 and 8 make no error of rounding
    call = a_call(streamed=True, clocks=Clocks(first_token=10))
    handler = build(ScriptedProvider(*[answers("late", opens_after=60)] * OPTIONS.in_a_row))
    for _ in range(OPTIONS.in_a_row):
        await gives_up_after(seconds, handler, call)
    assert circuits[call.target].state is state
    assert circuits[call.target].why == ("TOO_SLOW" if state is State.OPEN else "")


@pytest.mark.parametrize(("seconds", "state"), [(8.0, State.CLOSED), (8.1, State.OPEN)])
@pytest.mark.parametrize("streamed", [False, True])
async def test_slow_answers_open_it_too(
    streamed: bool, seconds: float, state: State, build: Build, a_call: ACall, circuits: PerTarget[Circuit]
) -> None:
    await asyncio.sleep(128)
    call = a_call(streamed=streamed, seconds=999, clocks=Clocks(first_token=10, attempt=10))
    handler = build(ScriptedProvider(*[answers("late", opens_after=seconds)] * OPTIONS.least))
    replies = await asyncio.gather(*(handler(call) for _ in range(OPTIONS.least)))
    for reply in replies:
        await kinds_of(reply)
    assert circuits[call.target].state is state


async def test_who_insists_is_let_through_and_proves_nothing(
    build: Build, a_call: ACall, circuits: PerTarget[Circuit]
) -> None:
    call, provider = a_call(), ScriptedProvider(*[DOWN] * OPTIONS.in_a_row, answers("hi"))
    handler = build(provider)
    await fails(handler, call)
    await kinds_of(await handler(changed(call, insists=True)))
    assert circuits[call.target].state is State.OPEN
    assert len(call.ledger) == 0


async def test_a_probe_that_leaves_opens_nothing_anew(build: Build, a_call: ACall, facts: Facts) -> None:
    call, provider = a_call(), ScriptedProvider(*[DOWN] * OPTIONS.in_a_row, answers("late", opens_after=5))
    handler = build(provider)
    await fails(handler, call)
    await asyncio.sleep(OPTIONS.opens_for)
    await gives_up_after(1, handler, call)
    assert [fact.state for fact in facts.of(CircuitChanged)] == [State.OPEN, State.HALF_OPEN]
