"""The caller's time."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.reply import Abandoned, Reply
from service.pipeline.layers.time_limit import TimeLimit, reserve
from service.pipeline.stack import stack
from tests.kit.replies import Watched, failure_of, kinds_of
from tests.kit.scripted import ScriptedProvider, answers, hangs, pauses, refuses

ACall = Callable[..., Call]
Clock = Callable[[], float]


async def ask(provider: ScriptedProvider, call: Call, now: Clock) -> Reply:
    return await stack(TimeLimit(now=now), leaf=provider)(call)


async def test_a_call_that_is_not_answered_in_time_fails_a_reserve_before_its_deadline(
    a_call: ACall, now: Clock
) -> None:
    provider = ScriptedProvider(answers("late", opens_after=100))
    failure = await failure_of(ask(provider, a_call(seconds=10), now))
    assert failure.kind == pb.FAILURE_KIND_OUT_OF_TIME
    assert now() == pytest.approx(9.5)


async def test_the_reserve_is_a_share_of_the_calls_own_time_and_not_of_the_clocks(a_call: ACall, now: Clock) -> None:
    await asyncio.sleep(1000)
    call = a_call(arrived=1000.0, seconds=1002)
    await failure_of(ask(ScriptedProvider(answers("late", opens_after=100)), call, now))
    assert now() == pytest.approx(1001.9)


async def test_a_whole_answer_stays_whole(a_call: ACall, now: Clock) -> None:
    whole = Reply.whole([pb.ChatEvent(completed=pb.ChatResponse())])

    async def leaf(call: Call) -> Reply:
        return whole

    assert await stack(TimeLimit(now=now), leaf=leaf)(a_call()) is whole
    await whole.aclose()


async def test_a_stream_that_takes_too_long_breaks_and_its_provider_was_abandoned(a_call: ACall, now: Clock) -> None:
    provider = ScriptedProvider(answers("a", hangs()))
    inner: list[Watched] = []

    async def leaf(call: Call) -> Reply:
        reply = await provider(call)
        inner.append(Watched(reply))
        return reply

    reply = await stack(TimeLimit(now=now), leaf=leaf)(a_call(seconds=10))
    assert (await failure_of(kinds_of(reply))).kind == pb.FAILURE_KIND_OUT_OF_TIME
    assert now() == pytest.approx(9.5)
    assert inner == [[Abandoned()]]
    provider.assert_done()


async def test_an_answer_in_time_is_left_alone(a_call: ACall, now: Clock) -> None:
    reply = await ask(ScriptedProvider(answers("a", pauses(9), "b")), a_call(seconds=10), now)
    assert (await kinds_of(reply))[-1] == "completed"


async def test_no_request_is_made_when_no_time_is_left(a_call: ACall, now: Clock) -> None:
    provider = ScriptedProvider()
    assert (await failure_of(ask(provider, a_call(seconds=0.04), now))).kind == pb.FAILURE_KIND_OUT_OF_TIME
    assert provider.calls == []


async def test_other_failures_pass_through(a_call: ACall, now: Clock) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED))
    assert (await failure_of(ask(provider, a_call(), now))).kind == pb.FAILURE_KIND_OVERLOADED


async def test_a_time_out_of_somebody_else_is_not_the_callers(a_call: ACall, now: Clock) -> None:
    async def leaf(call: Call) -> Reply:
        raise TimeoutError("a socket's")

    with pytest.raises(TimeoutError, match="a socket's"):
        await stack(TimeLimit(now=now), leaf=leaf)(a_call())


@given(st.floats(0, 1e6))
def test_the_reserve_is_five_per_cent_within_50_and_500_ms(budget: float) -> None:
    assert 0.05 <= reserve(budget) <= 0.5
    assert reserve(budget) in (0.05, 0.5) or reserve(budget) == pytest.approx(budget * 0.05)


async def test_whoever_is_below_plans_with_the_time_that_there_really_is(a_call: ACall, now: Clock) -> None:
    provider = ScriptedProvider(answers("a"))
    await kinds_of(await ask(provider, a_call(seconds=10), now))
    assert provider.calls[0].deadline == pytest.approx(9.5)
