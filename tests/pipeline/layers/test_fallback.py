"""The next target."""

import contextlib
import gc
from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.capabilities import Ability
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.facts import Fact, FellBack, TargetSkipped
from service.pipeline.latencies import Latencies
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.fallback import Fallback, FallbackOptions
from service.pipeline.planning import Planning
from service.pipeline.stack import stack
from service.policies.planning import LEAST
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, kinds_of, text_of
from tests.kit.scripted import ScriptedProvider, Take, answers, breaks, refuses
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
Build = Callable[..., Handler]
A, B, C = (Target(name, "m") for name in ("a", "b", "c"))
THREE = [Candidate(target=A), Candidate(target=B), Candidate(target=C)]


@pytest.fixture
def latencies(now: Callable[[], float]) -> Latencies:
    return Latencies(now)


@pytest.fixture
def planning(latencies: Latencies, now: Callable[[], float]) -> Planning:
    return Planning(latencies, now, lambda: 0.99)


@pytest.fixture
def build(now: Callable[[], float], spans: SpanBook, facts: Facts, planning: Planning) -> Build:
    def make(provider: ScriptedProvider, **options: bool) -> Handler:
        fallback = Fallback(options=FallbackOptions(**options), planning=planning, observe=facts.observe)
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
    small, large = Candidate(target=A, context_tokens=1000), Candidate(target=C, context_tokens=9000)
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


async def test_a_call_that_failed_leaves_nothing_for_the_garbage_collector(a_call: ACall, planning: Planning) -> None:
    def forget(call: Call, fact: Fact) -> None:
        """Facts hold failures, and those their frames."""

    async def leaf(call: Call) -> Reply:
        raise Failure(pb.FAILURE_KIND_OVERLOADED, "fresh: a scripted one would hold on to its own frame")

    fallback = Fallback(options=FallbackOptions(), planning=planning, observe=forget)

    async def fail() -> None:
        with contextlib.suppress(Failure):
            await stack(fallback, leaf=leaf)(a_call(candidates=THREE))

    await fail()
    gc.collect()
    gc.disable()
    try:
        await fail()
        assert gc.collect() == 0
    finally:
        gc.enable()


PICTURE = pb.ChatRequest(messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(image=pb.Media(url="https://x"))])])
FORCED = pb.ChatRequest(
    messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hi")])],
    tools=[pb.Tool(name="f")],
    tool_choice=pb.ToolChoice(mode=pb.TOOL_MODE_REQUIRED),
)
BLIND = Candidate(target=A, lacks=frozenset({Ability.IMAGES}))
UNFORCED = Candidate(target=A, lacks=frozenset({Ability.FORCED_TOOL_CHOICE}))


async def test_a_target_that_cannot_do_what_is_asked_is_skipped_with_its_reason_and_not_tried(
    build: Build, a_call: ACall, facts: Facts
) -> None:
    call = a_call(request=PICTURE, candidates=[BLIND, Candidate(target=B)])
    provider = ScriptedProvider(answers("a cat"))
    assert await text_of(await build(provider)(call)) == "a cat"
    skipped, answered = call.ledger
    assert [asked.target for asked in provider.calls] == [B]
    assert (skipped.outcome, skipped.failure) == (pb.ATTEMPT_OUTCOME_SKIPPED, pb.FAILURE_KIND_UNSUPPORTED)
    assert (skipped.cause, answered.cause) == (pb.ATTEMPT_CAUSE_FIRST, pb.ATTEMPT_CAUSE_FIRST)
    assert skipped.detail == "images: a/m reads none"
    assert [(fact.target, fact.why) for fact in facts.of(TargetSkipped)] == [(A, skipped.detail)]
    assert facts.of(FellBack) == []


async def test_if_nobody_can_do_what_is_asked_the_lack_is_told_and_nobody_is_asked(build: Build, a_call: ACall) -> None:
    call = a_call(request=PICTURE, candidates=[BLIND, Candidate(target=B, lacks=BLIND.lacks)])
    failure = await failure_of(build(ScriptedProvider())(call))
    assert (failure.kind, failure.detail) == (pb.FAILURE_KIND_UNSUPPORTED, "images: a/m reads none")
    assert failure.verdict.status.value == "FAILED_PRECONDITION"
    assert [row.outcome for row in call.ledger] == 2 * [pb.ATTEMPT_OUTCOME_SKIPPED]


async def test_who_was_asked_and_failed_is_told_rather_than_who_was_passed_over(build: Build, a_call: ACall) -> None:
    call = a_call(request=PICTURE, candidates=[BLIND, Candidate(target=B)])
    failure = await failure_of(build(ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED)))(call))
    assert failure.kind == pb.FAILURE_KIND_OVERLOADED


async def test_a_question_far_too_long_for_everybody_is_sent_to_nobody(build: Build, a_call: ACall) -> None:
    call = a_call(text="mast " * 9000, candidates=[Candidate(target=A, context_tokens=4000)])
    failure = await failure_of(build(ScriptedProvider())(call))
    assert failure.kind == pb.FAILURE_KIND_CONTEXT_TOO_LONG
    assert "4,000" in failure.detail


async def test_who_cannot_be_forced_is_asked_last_and_the_ledger_says_why(build: Build, a_call: ACall) -> None:
    call = a_call(request=FORCED, candidates=[UNFORCED, Candidate(target=B)])
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED), answers("hi"))
    assert await text_of(await build(provider)(call)) == "hi"
    assert [asked.target for asked in provider.calls] == [B, A]
    assert [row.outcome for row in call.ledger] == [
        pb.ATTEMPT_OUTCOME_SKIPPED,
        pb.ATTEMPT_OUTCOME_FAILED,
        pb.ATTEMPT_OUTCOME_ANSWERED,
    ]
    assert "asked last" in next(iter(call.ledger)).detail


def open_circuit(seconds: float) -> Take:
    return refuses(pb.FAILURE_KIND_CIRCUIT_OPEN, retry_after=seconds)


async def test_if_all_circuits_are_open_the_call_fails_at_once(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(open_circuit(9), open_circuit(3), open_circuit(6))
    assert (await failure_of(build(provider)(a_call(candidates=THREE)))).kind == pb.FAILURE_KIND_CIRCUIT_OPEN
    provider.assert_done()


async def test_if_the_route_says_so_the_target_that_is_probed_soonest_is_asked_then(
    build: Build, a_call: ACall
) -> None:
    provider = ScriptedProvider(open_circuit(9), open_circuit(3), open_circuit(6), answers("hi"))
    assert await text_of(await build(provider, ask_the_least_bad=True)(a_call(candidates=THREE))) == "hi"
    assert (provider.calls[-1].target, provider.calls[-1].insists) == (B, True)
    assert not any(call.insists for call in provider.calls[:-1])


async def test_nobody_insists_if_somebody_failed_in_another_way(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(open_circuit(9), refuses(pb.FAILURE_KIND_OVERLOADED), open_circuit(6))
    await failure_of(build(provider, ask_the_least_bad=True)(a_call(candidates=THREE)))
    provider.assert_done()


async def test_a_target_that_would_answer_too_late_is_passed_over(
    build: Build, a_call: ACall, latencies: Latencies
) -> None:
    for _ in range(LEAST):
        latencies.of(A, streamed=False).saw(30.0)
    call, provider = a_call(candidates=THREE, seconds=20.0), ScriptedProvider(answers("hi"))
    await kinds_of(await build(provider)(call))
    assert [asked.target for asked in provider.calls] == [B]
    row = next(iter(call.ledger))
    assert (row.outcome, row.failure) == (pb.ATTEMPT_OUTCOME_SKIPPED, pb.FAILURE_KIND_OUT_OF_TIME)
    assert row.detail == "a/m: it takes 30.0 s to begin, and there are 20.0 s left"


async def test_the_last_who_can_answer_is_asked_however_slow(build: Build, a_call: ACall, latencies: Latencies) -> None:
    for _ in range(LEAST):
        latencies.of(A, streamed=False).saw(30.0)
    blind = Candidate(target=B, lacks=frozenset({Ability.IMAGES}))
    call, provider = (
        a_call(candidates=[THREE[0], blind], seconds=20.0, request=PICTURE),
        ScriptedProvider(answers("hi")),
    )
    await kinds_of(await build(provider)(call))
    assert [asked.target for asked in provider.calls] == [A]


async def test_a_spare_whose_answer_was_of_no_use_is_not_asked_again(
    a_call: ACall, planning: Planning, facts: Facts
) -> None:
    asked: list[Target] = []

    async def hedged(call: Call) -> Reply:
        """The request to the first is lost to a copy for the second, whose answer does not fit."""
        asked.append(call.target)
        call.ledger.open(call.target, call.cause, 0).outcome = pb.ATTEMPT_OUTCOME_ABANDONED
        if call.target == A:
            call.ledger.open(B, pb.ATTEMPT_CAUSE_HEDGE, 0).outcome = pb.ATTEMPT_OUTCOME_ANSWERED
        raise Failure(pb.FAILURE_KIND_MALFORMED, "it does not fit")

    call = a_call(candidates=THREE)
    layer = Fallback(options=FallbackOptions(), planning=planning, observe=facts.observe)
    assert (await failure_of(layer(call, hedged))).kind == pb.FAILURE_KIND_MALFORMED
    assert asked == [A, C]
    assert [(row.provider, row.detail) for row in call.ledger if row.outcome == pb.ATTEMPT_OUTCOME_SKIPPED] == [
        ("b", "b/m has answered, and its answer was of no use")
    ]


async def test_whoever_cannot_be_asked_is_not_behind_anybody(build: Build, a_call: ACall) -> None:
    blind = Candidate(target=B, lacks=frozenset({Ability.IMAGES}))
    provider = ScriptedProvider(answers("hi"))
    await kinds_of(await build(provider)(a_call(candidates=[THREE[0], blind], request=PICTURE)))
    assert list(provider.calls[0].others) == []
    provider = ScriptedProvider(answers("hi"))
    await kinds_of(await build(provider)(a_call(candidates=[THREE[0], blind])))
    assert list(provider.calls[0].others) == [blind]
