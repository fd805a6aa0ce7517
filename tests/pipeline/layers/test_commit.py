"""When an answer counts as seen."""

import asyncio
from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.reply import Completed, Reply
from service.pipeline.layers.commit import Commit
from service.pipeline.stack import stack
from tests.kit.replies import Watched, failure_of, kinds_of, text_of
from tests.kit.scripted import (
    ScriptedProvider,
    Step,
    answers,
    breaks,
    completes,
    counts,
    hangs,
    pauses,
    refuses,
    says,
    thinks,
)

ACall = Callable[..., Call]


async def ask(provider: ScriptedProvider, call: Call) -> Reply:
    return await stack(Commit(), leaf=provider)(call)


@pytest.mark.parametrize("silent", [says(""), thinks(""), counts(1)], ids=["empty text", "empty reasoning", "usage"])
async def test_a_stream_is_held_back_until_its_first_non_empty_delta(
    silent: Step, a_call: ACall, now: Callable[[], float]
) -> None:
    provider = ScriptedProvider(answers(silent, pauses(3), "a", pauses(4)))
    reply = await ask(provider, a_call(streamed=True))
    assert now() == pytest.approx(3)
    assert (await kinds_of(reply))[-2:] == ["text_delta", "completed"]
    provider.assert_done()


async def test_reasoning_is_a_delta_too(a_call: ACall, now: Callable[[], float]) -> None:
    reply = await ask(ScriptedProvider(answers(thinks("hm"), pauses(3), "a")), a_call(streamed=True))
    assert now() == 0
    await reply.aclose()


async def test_a_unary_call_is_held_back_until_its_end(a_call: ACall, now: Callable[[], float]) -> None:
    reply = await ask(ScriptedProvider(answers("a", pauses(5), "b")), a_call())
    assert now() == pytest.approx(5)
    assert await text_of(reply) == "ab"


async def test_a_stream_that_breaks_before_its_first_delta_fails_uncommitted(a_call: ACall) -> None:
    provider = ScriptedProvider(answers(says(""), breaks(pb.FAILURE_KIND_CUT_OFF)))
    assert (await failure_of(ask(provider, a_call(streamed=True)))).kind == pb.FAILURE_KIND_CUT_OFF
    provider.assert_done()


async def test_a_unary_call_that_breaks_half_way_fails_uncommitted(a_call: ACall) -> None:
    provider = ScriptedProvider(answers("half", breaks(pb.FAILURE_KIND_CUT_OFF)))
    assert (await failure_of(ask(provider, a_call()))).kind == pb.FAILURE_KIND_CUT_OFF
    provider.assert_done()


async def test_a_stream_that_breaks_after_its_first_delta_breaks_the_reply(a_call: ACall) -> None:
    reply = await ask(ScriptedProvider(answers("half", breaks(pb.FAILURE_KIND_CUT_OFF))), a_call(streamed=True))
    assert (await failure_of(kinds_of(reply))).kind == pb.FAILURE_KIND_CUT_OFF


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_good_end_without_a_delta_is_empty(streamed: bool, a_call: ACall) -> None:
    provider = ScriptedProvider(answers(says("")))
    assert (await failure_of(ask(provider, a_call(streamed=streamed)))).kind == pb.FAILURE_KIND_EMPTY
    provider.assert_done()


@pytest.mark.parametrize("finish", [pb.FINISH_REASON_LENGTH, pb.FINISH_REASON_CONTENT_FILTER, pb.FINISH_REASON_REFUSAL])
@pytest.mark.parametrize("streamed", [False, True])
async def test_an_answer_that_was_stopped_may_be_empty(
    finish: pb.FinishReason.ValueType, streamed: bool, a_call: ACall
) -> None:
    reply = await ask(ScriptedProvider(answers(completes(finish))), a_call(streamed=streamed))
    watched = Watched(reply)
    assert await kinds_of(reply) == ["started", "completed"]
    assert isinstance(watched[0], Completed)


async def test_a_call_given_up_while_held_back_closes_its_reply(a_call: ACall) -> None:
    provider = ScriptedProvider(answers("a", hangs()))
    task = asyncio.create_task(ask(provider, a_call()))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    provider.assert_done()


async def test_a_refusal_passes_through(a_call: ACall) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_RATE_LIMITED))
    assert (await failure_of(ask(provider, a_call()))).kind == pb.FAILURE_KIND_RATE_LIMITED
