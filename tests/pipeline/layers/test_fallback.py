"""The next target."""

import contextlib
import gc
from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.facts import Fact, FellBack, TargetSkipped
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.fallback import Fallback
from service.pipeline.stack import stack
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, kinds_of, text_of
from tests.kit.scripted import ScriptedProvider, answers, breaks, refuses
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
Build = Callable[..., Handler]
A, B, C = (Target(name, "m") for name in ("a", "b", "c"))
THREE = [Candidate(target=A), Candidate(target=B), Candidate(target=C)]


@pytest.fixture
def build(now: Callable[[], float], spans: SpanBook, facts: Facts) -> Build:
    def make(provider: ScriptedProvider, leave_content_filter: bool = False) -> Handler:
        fallback = Fallback(leave_content_filter=leave_content_filter, observe=facts.observe)
        return stack(fallback, Attempt(now=now, tracer=spans.tracer, observe=Facts().observe), leaf=provider)

    return make


async def test_the_first_target_that_answers_is_the_last_that_is_asked(
    build: Build, a_call: ACall, facts: Facts
) -> None:
    call = a_call(candidates=THREE)
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED), answers("hi"))
    assert await text_of(await build(provider)(call)) == "hi"
    assert [asked.target for asked in provider.calls] == [A, B]
    assert [row.cause for row in call.ledger] == [pb.ATTEMPT_CAUSE_FIRST, pb.ATTEMPT_CAUSE_FALLBACK]
    assert [(fact.attempt, fact.target, fact.onto) for fact in facts.of(FellBack)] == [(1, A, B)]


async def test_when_everybody_fails_the_cause_is_told(build: Build, a_call: ACall) -> None:
    kinds = [pb.FAILURE_KIND_RATE_LIMITED, pb.FAILURE_KIND_UNREACHABLE, pb.FAILURE_KIND_UNSUPPORTED]
    provider = ScriptedProvider(*map(refuses, kinds))
    assert (await failure_of(build(provider)(a_call(candidates=THREE)))).kind == pb.FAILURE_KIND_RATE_LIMITED
    provider.assert_done()


async def test_a_fallbacks_complaint_about_the_question_does_not_hide_the_cause(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED), refuses(pb.FAILURE_KIND_INVALID_REQUEST))
    assert (await failure_of(build(provider)(a_call(candidates=THREE)))).kind == pb.FAILURE_KIND_OVERLOADED
    provider.assert_done()


async def test_the_callers_fault_stops_at_the_first_target(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_INVALID_REQUEST))
    assert (await failure_of(build(provider)(a_call(candidates=THREE)))).kind == pb.FAILURE_KIND_INVALID_REQUEST


@pytest.mark.parametrize(("leave", "asked"), [(False, [A]), (True, [A, B])])
async def test_a_filtered_question_stops_unless_the_route_says_otherwise(
    leave: bool, asked: list[Target], build: Build, a_call: ACall
) -> None:
    takes = [refuses(pb.FAILURE_KIND_CONTENT_FILTERED), answers("hi")]
    provider = ScriptedProvider(*takes[: len(asked)])
    handler = build(provider, leave_content_filter=leave)
    if leave:
        await kinds_of(await handler(a_call(candidates=THREE)))
    else:
        await failure_of(handler(a_call(candidates=THREE)))
    assert [call.target for call in provider.calls] == asked


async def test_what_is_too_long_goes_to_a_larger_window_only_and_the_others_are_skipped_with_the_reason(
    build: Build, a_call: ACall, facts: Facts
) -> None:
    windows = zip((A, B, C), (8_000, 8_000, 100_000), strict=True)
    candidates = [Candidate(target=target, context_tokens=tokens) for target, tokens in windows]
    call = a_call(candidates=candidates)
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_CONTEXT_TOO_LONG), answers("hi"))
    assert await text_of(await build(provider)(call)) == "hi"
    assert [asked.target for asked in provider.calls] == [A, C]
    outcomes = [pb.ATTEMPT_OUTCOME_FAILED, pb.ATTEMPT_OUTCOME_SKIPPED, pb.ATTEMPT_OUTCOME_ANSWERED]
    assert [row.outcome for row in call.ledger] == outcomes
    assert "8,000" in list(call.ledger)[1].detail
    assert [fact.target for fact in facts.of(TargetSkipped)] == [B]


async def test_a_skipped_target_is_no_request(build: Build, a_call: ACall) -> None:
    small, large = Candidate(target=A, context_tokens=1), Candidate(target=C, context_tokens=9)
    call = a_call(candidates=[small, small, large], conditions=Conditions(max_attempts=2))
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_CONTEXT_TOO_LONG), answers("hi"))
    assert await text_of(await build(provider)(call)) == "hi"


async def test_a_call_makes_no_more_requests_than_it_may(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(*[refuses(pb.FAILURE_KIND_OVERLOADED)] * 2)
    await failure_of(build(provider)(a_call(candidates=THREE, conditions=Conditions(max_attempts=2))))
    provider.assert_done()


async def test_each_target_brings_its_providers_clocks_and_the_tightest_win(build: Build, a_call: ACall) -> None:
    candidates = [Candidate(target=A, clocks=Clocks(stall=1)), Candidate(target=B, clocks=Clocks(stall=9))]
    conditions = Conditions(clocks=Clocks(stall=5, attempt=7))
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED), answers("hi"))
    await kinds_of(await build(provider)(a_call(candidates=candidates, conditions=conditions)))
    assert [call.clocks for call in provider.calls] == [Clocks(stall=1, attempt=7), Clocks(stall=5, attempt=7)]


async def test_a_committed_stream_that_breaks_goes_to_nobody_else(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(answers("half", breaks(pb.FAILURE_KIND_CUT_OFF)))
    reply = await build(provider)(a_call(candidates=THREE, streamed=True))
    assert (await failure_of(kinds_of(reply))).kind == pb.FAILURE_KIND_CUT_OFF
    provider.assert_done()


async def test_the_attempt_that_failed_is_named_also_after_a_skipped_target(
    build: Build, a_call: ACall, facts: Facts
) -> None:
    windows = zip((A, B, C), (8_000, 8_000, 100_000), strict=True)
    call = a_call(candidates=[Candidate(target=target, context_tokens=tokens) for target, tokens in windows])
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_CONTEXT_TOO_LONG), answers("hi"))
    await kinds_of(await build(provider)(call))
    assert [(fact.attempt, fact.target, fact.onto) for fact in facts.of(FellBack)] == [(1, A, C)]


async def test_a_question_that_a_filter_refuses_at_a_fallback_is_told_as_it_is(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED), refuses(pb.FAILURE_KIND_CONTENT_FILTERED))
    assert (await failure_of(build(provider)(a_call(candidates=THREE)))).kind == pb.FAILURE_KIND_CONTENT_FILTERED


async def test_a_call_that_failed_leaves_nothing_for_the_garbage_collector(a_call: ACall) -> None:
    def forget(call: Call, fact: Fact) -> None:
        """Facts hold failures, and those their frames."""

    async def leaf(call: Call) -> Reply:
        raise Failure(pb.FAILURE_KIND_OVERLOADED, "fresh: a scripted one would hold on to its own frame")

    async def fail() -> None:
        with contextlib.suppress(Failure):
            await stack(Fallback(leave_content_filter=False, observe=forget), leaf=leaf)(a_call(candidates=THREE))

    await fail()
    gc.collect()
    gc.disable()
    try:
        await fail()
        assert gc.collect() == 0
    finally:
        gc.enable()
