"""The same target again."""

import asyncio
from collections.abc import Callable

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.conditions import Conditions
from service.chat.failures import VERDICTS, Again, Failure
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.facts import RetryForgone, RetryScheduled
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.retry import Retry, RetryOptions
from service.pipeline.stack import stack
from service.policies.budget import Budget
from service.policies.per_target import PerTarget
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, text_of
from tests.kit.scripted import ScriptedProvider, Take, answers, refuses
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
Clock = Callable[[], float]
Build = Callable[..., Handler]


@pytest.fixture
def build(now: Clock, spans: SpanBook, facts: Facts) -> Build:
    """A stack of retry and attempt, with dice that always show one half."""

    def make(provider: Handler, first: int = 3) -> Handler:
        budgets = PerTarget(lambda target: Budget(now))
        retry = Retry(
            options=RetryOptions(first=first),
            budgets=budgets,
            now=now,
            sleep=asyncio.sleep,
            random=lambda: 0.5,
            observe=facts.observe,
        )
        return stack(retry, Attempt(now=now, tracer=spans.tracer, observe=Facts().observe), leaf=provider)

    return make


async def test_an_overloaded_target_is_asked_again_after_a_wait(build: Build, a_call: ACall, now: Clock) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_OVERLOADED), answers("hi"))
    assert await text_of(await build(provider)(a_call())) == "hi"
    assert now() == pytest.approx(0.5)
    provider.assert_done()


async def test_retries_stand_in_the_ledger_as_such(build: Build, a_call: ACall) -> None:
    call = a_call()
    await text_of(await build(ScriptedProvider(refuses(pb.FAILURE_KIND_UNREACHABLE), answers("hi")))(call))
    assert [row.cause for row in call.ledger] == [pb.ATTEMPT_CAUSE_FIRST, pb.ATTEMPT_CAUSE_RETRY]


async def test_each_retry_is_told_with_its_wait(build: Build, a_call: ACall, facts: Facts) -> None:
    call = a_call()
    provider = ScriptedProvider(
        refuses(pb.FAILURE_KIND_UNREACHABLE), refuses(pb.FAILURE_KIND_UNREACHABLE), answers("hi")
    )
    await text_of(await build(provider)(call))
    told = [(fact.attempt, fact.target, fact.failure.kind, fact.wait) for fact in facts.of(RetryScheduled)]
    why = pb.FAILURE_KIND_UNREACHABLE
    assert told == [(1, call.target, why, 0.2), (2, call.target, why, 0.4)]


@pytest.mark.parametrize(("cause", "tries"), [(pb.ATTEMPT_CAUSE_FIRST, 3), (pb.ATTEMPT_CAUSE_FALLBACK, 2)])
async def test_the_first_target_has_three_tries_and_a_later_one_two(
    cause: pb.AttemptCause.ValueType, tries: int, build: Build, a_call: ACall
) -> None:
    provider = ScriptedProvider(*[refuses(pb.FAILURE_KIND_UNREACHABLE)] * tries)
    await failure_of(build(provider)(a_call(cause=cause)))
    provider.assert_done()


TRIES = {Again.NO: 1, Again.ONCE: 2, Again.YES: 3, Again.IF_SOON: 3}


@pytest.mark.parametrize("kind", VERDICTS, ids=pb.FailureKind.Name)
async def test_how_often_is_a_matter_of_the_verdict(
    kind: pb.FailureKind.ValueType, build: Build, a_call: ACall
) -> None:
    provider = ScriptedProvider(*[refuses(kind)] * TRIES[VERDICTS[kind].again])
    assert (await failure_of(build(provider)(a_call()))).kind == kind
    provider.assert_done()


async def test_what_the_provider_asks_for_is_waited_for(build: Build, a_call: ACall, now: Clock) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_RATE_LIMITED, retry_after=2), answers("hi"))
    await text_of(await build(provider)(a_call()))
    assert now() == pytest.approx(2)


async def test_a_wait_over_max_wait_is_not_waited(build: Build, a_call: ACall, now: Clock) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_RATE_LIMITED, retry_after=5.1))
    await failure_of(build(provider)(a_call()))
    assert now() == 0


@pytest.mark.parametrize("seconds", [1.5, 2], ids=["past", "up to"])
async def test_a_wait_past_the_deadline_or_up_to_it_is_not_waited(
    seconds: float, build: Build, a_call: ACall, now: Clock
) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_RATE_LIMITED, retry_after=2))
    await failure_of(build(provider)(a_call(seconds=seconds)))
    assert now() == 0


async def test_a_call_makes_no_more_requests_than_it_may(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(*[refuses(pb.FAILURE_KIND_UNREACHABLE)] * 2)
    await failure_of(build(provider, first=9)(a_call(conditions=Conditions(max_attempts=2))))
    provider.assert_done()


async def test_an_empty_budget_lets_the_failure_stand_and_says_so(build: Build, a_call: ACall, facts: Facts) -> None:
    calls = 200
    provider = ScriptedProvider(*[refuses(pb.FAILURE_KIND_CUT_OFF)] * (calls + 30 + int(calls * 0.2)))
    handler = build(provider)
    await asyncio.gather(*(failure_of(handler(a_call())) for _ in range(calls)))
    forgone = facts.of(RetryForgone)
    made = len(provider.calls) - calls
    assert 30 + calls * 0.2 - 1 <= made <= 30 + calls * 0.2 + 1
    assert len(forgone) == calls - made
    provider._takes.clear()


async def test_a_call_given_up_while_it_waits_makes_no_further_request(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(refuses(pb.FAILURE_KIND_RATE_LIMITED, retry_after=4))
    waiting = asyncio.ensure_future(build(provider)(a_call()))
    await asyncio.sleep(1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    provider.assert_done()


@pytest.mark.parametrize(("last", "tries"), [(True, 2), (False, 1)])
async def test_a_wait_that_leaves_the_other_targets_too_little_time_is_not_waited(
    last: bool, tries: int, build: Build, a_call: ACall
) -> None:
    here, there = Candidate(target=Target("a", "m")), Candidate(target=Target("b", "m"))
    takes = [refuses(pb.FAILURE_KIND_RATE_LIMITED, retry_after=2)] * tries
    provider = ScriptedProvider(*takes)
    candidates = [there, here] if last else [here, there]
    await failure_of(build(provider, first=2)(a_call(candidates=candidates, target=here.target, seconds=3)))
    provider.assert_done()


def spent(kind: pb.FailureKind.ValueType, *, another: bool = True) -> Take:
    return Take((), 0.0, Failure(kind, "this key", another_key=another, retry_after=99))


async def test_with_another_key_the_target_is_asked_at_once_and_that_is_no_try(
    build: Build, a_call: ACall, now: Clock, facts: Facts
) -> None:
    takes = [
        spent(pb.FAILURE_KIND_BAD_CREDENTIALS),
        spent(pb.FAILURE_KIND_RATE_LIMITED),
        spent(pb.FAILURE_KIND_BILLING),
        refuses(pb.FAILURE_KIND_UNREACHABLE),
        answers("hi"),
    ]
    provider = ScriptedProvider(*takes)
    assert await text_of(await build(provider, first=2)(a_call())) == "hi"
    assert [fact.wait for fact in facts.of(RetryScheduled)] == [0, 0, 0, pytest.approx(0.2)]
    assert now() == pytest.approx(0.2)
    provider.assert_done()


async def test_without_another_key_the_verdict_stands(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(spent(pb.FAILURE_KIND_BAD_CREDENTIALS, another=False))
    assert (await failure_of(build(provider)(a_call()))).kind == pb.FAILURE_KIND_BAD_CREDENTIALS
    provider.assert_done()


async def test_another_key_mends_nothing_that_is_no_fault_of_keys(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(spent(pb.FAILURE_KIND_INVALID_REQUEST))
    assert (await failure_of(build(provider)(a_call()))).kind == pb.FAILURE_KIND_INVALID_REQUEST
    provider.assert_done()


async def test_keys_make_no_more_requests_than_a_call_may(build: Build, a_call: ACall) -> None:
    provider = ScriptedProvider(*[spent(pb.FAILURE_KIND_BAD_CREDENTIALS)] * 4)
    call = a_call(conditions=Conditions(max_attempts=4))
    assert (await failure_of(build(provider)(call))).kind == pb.FAILURE_KIND_BAD_CREDENTIALS
    provider.assert_done()


async def test_keys_are_paid_for_from_the_targets_budget(build: Build, a_call: ACall, facts: Facts) -> None:
    provider = ScriptedProvider(*[spent(pb.FAILURE_KIND_RATE_LIMITED)] * 32)
    call = a_call(conditions=Conditions(max_attempts=99))
    assert (await failure_of(build(provider)(call))).kind == pb.FAILURE_KIND_RATE_LIMITED
    assert len(facts.of(RetryForgone)) == 1


async def test_that_the_target_could_not_be_asked_again_does_not_hide_why_it_had_to_be(
    build: Build, a_call: ACall
) -> None:
    async def leaf(call: Call) -> Reply:
        if call.cause == pb.ATTEMPT_CAUSE_FIRST:
            raise Failure(pb.FAILURE_KIND_UNREACHABLE, "gone")
        raise Failure(pb.FAILURE_KIND_CIRCUIT_OPEN, "open by now", unasked=True)

    handler = build(leaf)
    assert (await failure_of(handler(a_call()))).kind == pb.FAILURE_KIND_UNREACHABLE
