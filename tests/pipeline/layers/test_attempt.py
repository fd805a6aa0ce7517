"""The books: one row and one span for each request."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from opentelemetry.trace import SpanKind, StatusCode

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.conditions import Conditions
from service.chat.reply import Reply
from service.pipeline.facts import AttemptEnded, FirstToken
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.commit import Commit
from service.pipeline.stack import stack
from tests.conftest import PRIMARY
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, kinds_of
from tests.kit.scripted import ScriptedProvider, Take, answers, breaks, pauses, refuses
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
Clock = Callable[[], float]


async def ask(provider: ScriptedProvider, call: Call, now: Clock, spans: SpanBook) -> Reply:
    attempt = Attempt(now=now, tracer=spans.tracer, observe=Facts().observe, named=[PRIMARY])
    return await stack(attempt, Commit(), leaf=provider)(call)


async def test_an_answered_attempt_has_its_target_its_times_and_its_usage(
    a_call: ACall, now: Clock, spans: SpanBook
) -> None:
    call = a_call(streamed=True)
    await asyncio.sleep(2)
    reply = await ask(ScriptedProvider(answers("a", pauses(3), opens_after=1)), call, now, spans)
    await kinds_of(reply)
    (row,) = call.ledger
    assert (row.number, row.provider, row.model) == (1, "primary", "m1")
    assert row.cause == pb.ATTEMPT_CAUSE_FIRST
    assert row.outcome == pb.ATTEMPT_OUTCOME_ANSWERED
    assert row.failure == pb.FAILURE_KIND_UNSPECIFIED
    assert row.started_after.ToMilliseconds() == 2000
    assert row.time_to_first_token.ToMilliseconds() == 1000
    assert row.latency.ToMilliseconds() == 4000
    assert row.usage == pb.Usage(input_tokens=3, output_tokens=5)


async def test_its_span_is_that_of_a_client_and_the_parent_of_what_the_provider_does(
    a_call: ACall, now: Clock, spans: SpanBook
) -> None:
    provider = ScriptedProvider(answers("a", opens_after=1))
    await kinds_of(await ask(provider, a_call(streamed=True), now, spans))
    span = spans.named("chat m1")
    assert span.kind is SpanKind.CLIENT
    assert provider.calls[0].span.get_span_context() == span.context
    assert span.attributes is not None
    assert span.attributes["gen_ai.response.time_to_first_chunk"] == 1.0
    assert span.attributes["gen_ai.response.finish_reasons"] == ["stop"]


async def test_the_first_token_and_the_end_are_told(a_call: ACall, now: Clock, spans: SpanBook, facts: Facts) -> None:
    attempt = Attempt(now=now, tracer=spans.tracer, observe=facts.observe)
    provider = ScriptedProvider(answers("a", breaks(), opens_after=1))
    await failure_of(kinds_of(await stack(attempt, Commit(), leaf=provider)(a_call(streamed=True))))
    assert [(fact.attempt, fact.target, fact.seconds) for fact in facts.of(FirstToken)] == [(1, PRIMARY, 1.0)]
    assert [(fact.row.number, fact.failure and fact.failure.kind) for fact in facts.of(AttemptEnded)] == [
        (1, pb.FAILURE_KIND_CUT_OFF)
    ]


async def test_a_unary_attempt_has_no_first_token(a_call: ACall, now: Clock, spans: SpanBook) -> None:
    call = a_call()
    await kinds_of(await ask(ScriptedProvider(answers("a")), call, now, spans))
    assert not next(iter(call.ledger)).HasField("time_to_first_token")


@pytest.mark.parametrize("take", [refuses(pb.FAILURE_KIND_STALLED), answers(breaks(pb.FAILURE_KIND_STALLED))])
async def test_a_failed_attempt_says_how(take: Take, a_call: ACall, now: Clock, spans: SpanBook) -> None:
    call = a_call()

    async def ask_and_read() -> None:
        await kinds_of(await ask(ScriptedProvider(take), call, now, spans))

    await failure_of(ask_and_read())
    (row,) = call.ledger
    assert (row.outcome, row.failure) == (pb.ATTEMPT_OUTCOME_FAILED, pb.FAILURE_KIND_STALLED)
    assert row.detail == "as the script says"
    span = spans.named("chat m1")
    assert (span.status.status_code, span.status.description) == (StatusCode.ERROR, "STALLED")
    assert span.attributes is not None
    assert span.attributes["error.type"] == "STALLED"


async def test_an_attempt_given_up_while_it_reads_was_abandoned(a_call: ACall, now: Clock, spans: SpanBook) -> None:
    call = a_call()
    reply = await ask(ScriptedProvider(answers("a")), call, now, spans)
    await reply.aclose()
    assert [row.outcome for row in call.ledger] == [pb.ATTEMPT_OUTCOME_ABANDONED]


async def test_an_attempt_given_up_while_it_waits_was_abandoned(a_call: ACall, now: Clock, spans: SpanBook) -> None:
    call = a_call()
    waiting = asyncio.create_task(ask(ScriptedProvider(answers(opens_after=99)), call, now, spans))
    await asyncio.sleep(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    (row,) = call.ledger
    assert (row.outcome, row.latency.ToMilliseconds()) == (pb.ATTEMPT_OUTCOME_ABANDONED, 1000)


async def test_copies_of_a_call_write_into_the_same_ledger_in_order(a_call: ACall, now: Clock, spans: SpanBook) -> None:
    call = a_call()
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED), answers("a"))
    await failure_of(ask(provider, call, now, spans))
    await kinds_of(await ask(provider, replace(call, cause=pb.ATTEMPT_CAUSE_RETRY), now, spans))
    assert [(row.number, row.cause) for row in call.ledger] == [
        (1, pb.ATTEMPT_CAUSE_FIRST),
        (2, pb.ATTEMPT_CAUSE_RETRY),
    ]


async def test_the_leaf_can_note_in_the_row_what_it_learns(a_call: ACall, now: Clock, spans: SpanBook) -> None:
    provider = ScriptedProvider(answers("a"))
    call = a_call()
    await kinds_of(await ask(provider, call, now, spans))
    assert provider.calls[0].attempt is next(iter(call.ledger))


async def test_a_unary_attempt_whose_provider_streams_has_a_first_token(
    a_call: ACall, now: Clock, spans: SpanBook
) -> None:
    call = a_call(conditions=Conditions(upstream_stream=True))
    await kinds_of(await ask(ScriptedProvider(answers("a", pauses(3), opens_after=1)), call, now, spans))
    (row,) = call.ledger
    assert (row.time_to_first_token.ToMilliseconds(), row.latency.ToMilliseconds()) == (1000, 4000)
