"""Why the layers stand in the order of `pipeline/assembly.py`: a story for each neighbouring pair, red when swapped."""

from collections.abc import Callable

import pytest
from opentelemetry.trace import StatusCode

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.reply import Handler
from service.pipeline.assembly import World, assemble
from tests.kit.replies import failure_of, kinds_of
from tests.kit.scripted import ScriptedProvider, answers, pauses, says
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]


@pytest.fixture
def build(now: Callable[[], float], spans: SpanBook) -> Callable[[ScriptedProvider], Handler]:
    return lambda leaf: assemble(World(now=now, tracer=spans.tracer), leaf)


Build = Callable[[ScriptedProvider], Handler]


async def test_trace_stands_outside_time_limit_so_that_the_call_is_seen_to_run_out_of_time(
    build: Build, a_call: ACall, spans: SpanBook
) -> None:
    await failure_of(build(ScriptedProvider(answers("late", opens_after=99)))(a_call(seconds=10)))
    span = spans.named("chat")
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "OUT_OF_TIME")


async def test_time_limit_stands_outside_attempt_so_that_an_attempt_cut_short_is_not_at_fault(
    build: Build, a_call: ACall
) -> None:
    call = a_call(seconds=10)
    await failure_of(build(ScriptedProvider(answers("late", opens_after=99)))(call))
    assert [row.outcome for row in call.ledger] == [pb.ATTEMPT_OUTCOME_ABANDONED]


async def test_attempt_stands_outside_commit_so_that_an_empty_answer_is_a_failed_attempt(
    build: Build, a_call: ACall
) -> None:
    call = a_call()
    failure = await failure_of(build(ScriptedProvider(answers(says(""))))(call))
    assert failure.kind == pb.FAILURE_KIND_EMPTY
    assert [(row.outcome, row.failure) for row in call.ledger] == [(pb.ATTEMPT_OUTCOME_FAILED, pb.FAILURE_KIND_EMPTY)]


async def test_a_stream_goes_through_every_layer_and_back(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(answers(pauses(1), "a", pauses(1), "b"))
    call = a_call(streamed=True)
    reply = await build(provider)(call)
    assert await kinds_of(reply) == ["started", "text_delta", "text_delta", "completed"]
    (row,) = call.ledger
    assert (row.time_to_first_token.ToMilliseconds(), row.latency.ToMilliseconds()) == (1000, 2000)
    provider.assert_done()
