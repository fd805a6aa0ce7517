"""Invariants of an open answer."""

import gc
from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.reply import Abandoned, Broken, Completed, Reply
from tests.kit.replies import Watched, failure_of, kinds_of
from tests.kit.scripted import ScriptedProvider, Take, answers, breaks, runs_dry

ACall = Callable[..., Call]


async def reply_to(take: Take, a_call: ACall) -> tuple[Reply, ScriptedProvider]:
    provider = ScriptedProvider(take)
    return await provider(a_call()), provider


async def test_a_reply_read_to_its_end_tells_completed_once_and_closes_its_source(a_call: ACall) -> None:
    reply, provider = await reply_to(answers("a", "b"), a_call)
    watched = Watched(reply)
    assert await kinds_of(reply) == ["started", "text_delta", "text_delta", "completed"]
    await reply.aclose()
    assert [type(ending) for ending in watched] == [Completed]
    provider.assert_done()


async def test_completed_is_told_when_it_is_read_and_not_before(a_call: ACall) -> None:
    reply, _ = await reply_to(answers("a"), a_call)
    watched = Watched(reply)
    await anext(reply)
    await anext(reply)
    assert watched == []
    await anext(reply)
    assert len(watched) == 1


async def test_a_broken_reply_raises_its_failure_and_closes_its_source(a_call: ACall) -> None:
    reply, provider = await reply_to(answers("a", breaks(pb.FAILURE_KIND_STALLED)), a_call)
    watched = Watched(reply)
    failure = await failure_of(kinds_of(reply))
    assert watched == [Broken(failure)]
    assert failure.kind == pb.FAILURE_KIND_STALLED
    provider.assert_done()


async def test_a_source_that_runs_dry_was_cut_off(a_call: ACall) -> None:
    reply, _ = await reply_to(answers("a", runs_dry()), a_call)
    assert (await failure_of(kinds_of(reply))).kind == pb.FAILURE_KIND_CUT_OFF


async def test_a_reply_closed_before_its_end_was_abandoned(a_call: ACall) -> None:
    reply, provider = await reply_to(answers("a"), a_call)
    watched = Watched(reply)
    await anext(reply)
    await reply.aclose()
    await reply.aclose()
    assert watched == [Abandoned()]
    provider.assert_done()


async def test_reading_after_the_end_is_an_error_unless_the_end_was_good(a_call: ACall) -> None:
    reply, _ = await reply_to(answers(), a_call)
    await kinds_of(reply)
    assert await kinds_of(reply) == []
    given_up, _ = await reply_to(answers(), a_call)
    await given_up.aclose()
    with pytest.raises(RuntimeError, match="after its end"):
        await anext(given_up)


async def test_who_watches_late_is_told_at_once(a_call: ACall) -> None:
    reply, _ = await reply_to(answers(), a_call)
    await kinds_of(reply)
    assert len(Watched(reply)) == 1


async def test_a_reply_that_is_dropped_open_warns(a_call: ACall) -> None:
    reply, _ = await reply_to(answers(), a_call)
    with pytest.warns(ResourceWarning, match="neither read to its end nor closed"):
        del reply
        gc.collect()


async def test_a_whole_reply_needs_no_source(a_call: ACall) -> None:
    completed = pb.ChatEvent(completed=pb.ChatResponse(finish_reason=pb.FINISH_REASON_STOP))
    assert await kinds_of(Reply.whole([pb.ChatEvent(started=pb.Started()), completed])) == [
        "started",
        "completed",
    ]


def test_a_failure_tells_its_reason_and_bounds_its_detail() -> None:
    failure = Failure(pb.FAILURE_KIND_RATE_LIMITED, "x" * 500)
    assert failure.reason == "RATE_LIMITED"
    assert len(failure.detail) == 200
