"""Why the layers stand in the order of `pipeline/assembly.py`: a story for each pair, red when the two are swapped."""

from collections.abc import Callable

import pytest
from opentelemetry.trace import StatusCode

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.reply import Handler
from service.chat.target import Candidate, Target
from tests.kit.facts import Facts
from tests.kit.pipeline import pipeline
from tests.kit.replies import failure_of, kinds_of, text_of
from tests.kit.scripted import ScriptedProvider, Take, answers, hangs, pauses, refuses, says
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
Build = Callable[[ScriptedProvider], Handler]
A, B = Target("a", "m"), Target("b", "m")
CANDIDATES = [Candidate(target=A, clocks=Clocks(first_token=5)), Candidate(target=B)]
DEGRADE, CACHE = Conditions(degrade=True), Conditions(cache=True)


def down(times: int = 1) -> list[Take]:
    return [refuses(pb.FAILURE_KIND_UNREACHABLE)] * times


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
    conditions = Conditions(degrade=True, cache=True)
    assert await text_of(await handler(a_call(conditions=conditions))) == "Nobody can answer right now."
    assert await text_of(await handler(a_call(conditions=conditions))) == "the model"


async def test_cache_stands_outside_time_limit_so_that_a_hit_needs_no_time(build: Build, a_call: ACall) -> None:
    handler = build(ScriptedProvider(answers("hi")))
    await kinds_of(await handler(a_call(conditions=CACHE)))
    assert await text_of(await handler(a_call(conditions=CACHE, seconds=0.04))) == "hi"


async def test_time_limit_stands_outside_fallback_so_that_running_out_of_time_is_what_is_told(
    build: Build, a_call: ACall
) -> None:
    provider = ScriptedProvider(*down(3), answers("late", opens_after=99))
    failure = await failure_of(build(provider)(a_call(candidates=CANDIDATES, seconds=10)))
    assert failure.kind == pb.FAILURE_KIND_OUT_OF_TIME


async def test_fallback_stands_outside_retry_so_that_each_target_has_its_own_tries(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(*down(3), answers("hi"))
    await kinds_of(await build(provider)(a_call(candidates=CANDIDATES)))
    assert [call.target for call in provider.calls] == [A, A, A, B]


async def test_retry_stands_outside_attempt_so_that_each_try_has_its_row(build: Build, a_call: ACall) -> None:
    call = a_call()
    await kinds_of(await build(ScriptedProvider(*down(1), answers("hi")))(call))
    outcomes = [pb.ATTEMPT_OUTCOME_FAILED, pb.ATTEMPT_OUTCOME_ANSWERED]
    assert [row.outcome for row in call.ledger] == outcomes


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
