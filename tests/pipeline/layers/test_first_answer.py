"""Attempts that take too long to begin."""

import asyncio
from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.reply import Reply
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.first_answer import FirstAnswer
from service.pipeline.stack import stack
from tests.kit.replies import failure_of, kinds_of
from tests.kit.scripted import ScriptedProvider, answers, pauses, says

ACall = Callable[..., Call]
Clock = Callable[[], float]
CLOCKS = Clocks(first_token=5, attempt=20)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def ask(provider: ScriptedProvider, call: Call) -> Reply:
    return await stack(FirstAnswer(now=_now), Commit(), leaf=provider)(call)


@pytest.mark.parametrize(
    ("streamed", "seconds", "detail"), [(True, 5, "no first token within 5 s"), (False, 20, "no answer within 20 s")]
)
async def test_a_stream_has_its_first_token_clock_and_a_whole_answer_its_own(
    streamed: bool, seconds: float, detail: str, a_call: ACall, now: Clock
) -> None:
    provider = ScriptedProvider(answers("late", opens_after=99))
    failure = await failure_of(ask(provider, a_call(streamed=streamed, clocks=CLOCKS, seconds=999)))
    assert (failure.kind, failure.detail) == (pb.FAILURE_KIND_TOO_SLOW, detail)
    assert now() == pytest.approx(seconds)


async def test_a_role_or_a_ping_does_not_stop_the_clock(a_call: ACall) -> None:
    provider = ScriptedProvider(answers(says(""), pauses(9), "late"))
    failure = await failure_of(ask(provider, a_call(streamed=True, clocks=CLOCKS)))
    assert failure.kind == pb.FAILURE_KIND_TOO_SLOW
    provider.assert_done()


async def test_after_the_first_token_the_clock_is_off(a_call: ACall) -> None:
    reply = await ask(ScriptedProvider(answers("a", pauses(50), "b")), a_call(streamed=True, clocks=CLOCKS))
    assert (await kinds_of(reply))[-1] == "completed"


async def test_a_time_out_of_somebody_else_is_not_this_clocks(a_call: ACall) -> None:
    async def leaf(call: Call) -> Reply:
        raise TimeoutError("a socket's")

    with pytest.raises(TimeoutError, match="a socket's"):
        await stack(FirstAnswer(now=_now), leaf=leaf)(a_call(clocks=CLOCKS))


UPSTREAM = Conditions(upstream_stream=True)


async def test_a_unary_call_whose_provider_streams_has_the_first_token_clock(a_call: ACall, now: Clock) -> None:
    provider = ScriptedProvider(answers("late", opens_after=99))
    failure = await failure_of(ask(provider, a_call(conditions=UPSTREAM, clocks=CLOCKS, seconds=999)))
    assert failure.kind == pb.FAILURE_KIND_TOO_SLOW
    assert now() == pytest.approx(5)


async def test_after_its_first_token_a_unary_call_has_all_the_time_that_it_needs(a_call: ACall) -> None:
    provider = ScriptedProvider(answers("a", pauses(50), "b"))
    reply = await ask(provider, a_call(conditions=UPSTREAM, clocks=CLOCKS, seconds=999))
    assert (await kinds_of(reply))[-1] == "completed"


async def test_a_call_whose_own_time_ends_first_is_left_to_the_time_limit(a_call: ACall) -> None:
    provider = ScriptedProvider(answers("late", opens_after=30))
    reply = await ask(provider, a_call(clocks=CLOCKS, seconds=20))
    assert (await kinds_of(reply))[-1] == "completed"
