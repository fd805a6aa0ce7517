"""Permits for requests: who gets one, who waits, and what becomes of them."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.ledger import Ledger
from service.chat.permit import Allowance, Allowances
from service.chat.reply import Completed, Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.facts import PermitAwaited, TargetSkipped
from service.pipeline.layers.attempt import Attempt
from service.pipeline.layers.commit import Commit
from service.pipeline.layers.lease import Lease
from service.pipeline.leasing.desk import Terms
from service.pipeline.leasing.leases import Leases
from service.pipeline.stack import stack
from service.policies.keys import KeyRing
from service.policies.lane import Limits
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, kinds_of, text_of
from tests.kit.scripted import ScriptedProvider, answers, breaks, hangs, pauses, refuses
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
A, B = Target("a", "m"), Target("b", "m")
ONE, BOTH = [Candidate(target=A)], [Candidate(target=A), Candidate(target=B)]
LIMITED, OPEN = pb.FAILURE_KIND_RATE_LIMITED, pb.FAILURE_KIND_CIRCUIT_OPEN
SLOW = answers("hi", opens_after=10)


class House:
    """A lease layer over an attempt, and all that it needs."""

    def __init__(self, now: Callable[[], float], tracer: SpanBook, facts: Facts) -> None:
        self.now, self.facts, self._tracer = now, facts, tracer.tracer

    def build(self, leaf: Handler, *, keys: int = 1, max_wait: float = 5.0, **limits: float) -> Handler:
        ring = KeyRing([1] * keys, self.now)
        terms = Terms(limits=Limits(**limits), ring=ring, names=[str(key) for key in range(keys)])  # type: ignore[arg-type]
        self.leases = Leases(self.now, lambda target: terms)
        lease = Lease(leases=self.leases, max_wait=max_wait, now=self.now, observe=self.facts.observe)
        attempt = Attempt(now=self.now, tracer=self._tracer, observe=self.facts.observe)
        return stack(lease, attempt, Commit(), leaf=leaf)

    @property
    def under_way(self) -> tuple[int, int]:
        state = self.leases.state(A)
        return state.in_flight, state.waiting


@pytest.fixture
def house(now: Callable[[], float], spans: SpanBook, facts: Facts) -> House:
    return House(now, spans, facts)


@pytest.fixture
def one(a_call: ACall) -> ACall:
    """Calls with a ledger each."""
    return lambda **fields: replace(a_call(**{"candidates": ONE, **fields}), ledger=Ledger())


def ask(handler: Handler, call: Call) -> asyncio.Task[str]:
    async def asked() -> str:
        return await text_of(await handler(call))

    return asyncio.ensure_future(asked())


async def test_without_limits_nobody_waits_and_the_call_carries_its_permit(house: House, one: ACall) -> None:
    provider = ScriptedProvider(answers("hi"))
    assert await text_of(await house.build(provider)(one())) == "hi"
    assert [call.permit.key for call in provider.calls if call.permit] == [0]
    assert house.facts.of(PermitAwaited) == []
    assert house.under_way == (0, 0)


async def test_who_finds_no_room_waits_in_line_and_is_told_of(house: House, one: ACall) -> None:
    provider = ScriptedProvider(SLOW, SLOW, SLOW)
    handler = house.build(provider, concurrency=1)
    calls = [one(id=str(number)) for number in range(3)]
    tasks = [ask(handler, call) for call in calls]
    await asyncio.sleep(1)
    assert house.under_way == (1, 2)
    assert await asyncio.gather(*tasks) == ["hi"] * 3
    assert house.now() == pytest.approx(30)
    assert [call.id for call in provider.calls] == ["0", "1", "2"]
    assert [fact.seconds for fact in house.facts.of(PermitAwaited)] == pytest.approx([10, 20])
    assert house.under_way == (0, 0)


async def test_nobody_overtakes_those_who_wait_though_there_would_be_room(house: House, one: ACall) -> None:
    provider = ScriptedProvider(*[answers("hi")] * 3)
    handler = house.build(provider, tokens_per_minute=3000)
    thirsty = one(id="thirsty")
    thirsty.request.max_output_tokens = 500
    modest = [one(id=name) for name in ("first", "modest")]
    for call in modest:
        call.request.max_output_tokens = 200
    tasks = [ask(handler, call) for call in (modest[0], thirsty, modest[1])]
    await asyncio.gather(*tasks)
    assert [call.id for call in provider.calls] == ["first", "thirsty", "modest"]
    for call in (thirsty, *modest):
        call.request.ClearField("max_output_tokens")


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("end", ["completed", "broken", "closed", "refused", "cancelled"])
async def test_however_a_request_ends_its_permit_comes_back_once(
    end: str, streamed: bool, house: House, one: ACall
) -> None:
    takes = {
        "completed": answers("hi"),
        "broken": answers("hi", breaks()),
        "closed": answers("hi", hangs()),
        "refused": refuses(LIMITED),
        "cancelled": answers(hangs()),
    }
    handler = house.build(ScriptedProvider(takes[end], answers("next")), concurrency=1)
    first = asyncio.ensure_future(handler(one(streamed=streamed)))
    try:
        reply = await asyncio.wait_for(first, 1)
        if end == "closed":
            await reply.aclose()
        else:
            await kinds_of(reply)
    except (Failure, TimeoutError):
        pass
    assert house.under_way == (0, 0)
    assert await text_of(await handler(one())) == "next"


async def test_a_whole_answer_does_not_hold_its_permit_until_it_is_read(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(answers("hi")), concurrency=1)
    reply = await handler(one())
    assert house.under_way == (0, 0)
    await kinds_of(reply)
    assert house.under_way == (0, 0)


async def test_a_stream_holds_its_permit_to_its_end(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(answers("hi", pauses(1))), concurrency=1)
    reply = await handler(one(streamed=True))
    assert house.under_way == (1, 0)
    await kinds_of(reply)
    assert house.under_way == (0, 0)


async def test_a_waiter_who_leaves_leaves_no_hole_and_takes_no_permit_along(house: House, one: ACall) -> None:
    provider = ScriptedProvider(SLOW, answers("hi"))
    handler = house.build(provider, concurrency=1)
    tasks = [ask(handler, one(id=str(number))) for number in range(4)]
    await asyncio.sleep(1)
    for task in tasks[1:3]:
        task.cancel()
    await asyncio.sleep(0)
    assert house.under_way == (1, 1)
    assert await tasks[3] == "hi"
    assert [call.id for call in provider.calls] == ["0", "3"]
    assert house.under_way == (0, 0)


async def test_one_who_leaves_just_as_the_turn_comes_passes_it_on(house: House, one: ACall) -> None:
    provider = ScriptedProvider(answers(hangs()), answers("hi"))
    handler = house.build(provider, concurrency=1)
    first, second, third = (ask(handler, one(id=str(number))) for number in range(3))
    await asyncio.sleep(1)
    first.cancel()
    while house.under_way[1] == 2:  # the second has its turn, and does not yet know
        await asyncio.sleep(0)
    second.cancel()
    assert await third == "hi"
    assert [call.id for call in provider.calls] == ["0", "2"]
    assert house.under_way == (0, 0)
    assert (first.cancelled(), second.cancelled()) == (True, True)


async def test_who_cannot_make_it_is_told_at_once_and_does_not_stand_in_the_way(house: House, one: ACall) -> None:
    provider = ScriptedProvider(*[answers("hi")] * 2)
    handler = house.build(provider, requests_per_minute=1)
    await text_of(await handler(one()))
    call = one(seconds=60)
    failure = await failure_of(handler(call))
    assert house.now() == 0
    assert (failure.kind, failure.unasked) == (LIMITED, True)
    assert failure.retry_after == pytest.approx(75)
    (row,) = call.ledger
    assert (row.outcome, row.failure) == (pb.ATTEMPT_OUTCOME_SKIPPED, LIMITED)
    assert row.detail == "its limits leave no room for 75.0 s"
    assert [fact.target for fact in house.facts.of(TargetSkipped)] == [A]
    assert await text_of(await handler(one(seconds=80))) == "hi"
    assert house.now() == pytest.approx(75)


async def test_where_there_is_another_target_nobody_waits_longer_than_max_wait(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(answers("hi")), requests_per_minute=5)
    await text_of(await handler(one()))
    assert (await failure_of(handler(one(candidates=BOTH)))).retry_after == pytest.approx(15)
    assert house.now() == 0


async def test_of_the_time_that_is_left_another_target_keeps_its_share(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(answers("hi")), requests_per_minute=15)
    for _ in range(3):
        house.leases.desk(A).now(0)
    assert (await failure_of(handler(one(candidates=BOTH, seconds=8)))).retry_after == pytest.approx(5)
    assert house.now() == 0


async def test_a_wait_that_nobody_could_foresee_ends_in_time_for_another_target(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(answers(hangs())), concurrency=1)
    first = ask(handler, one(seconds=1000))
    await asyncio.sleep(0)
    call = one(candidates=BOTH)
    failure = await failure_of(handler(call))
    assert house.now() == pytest.approx(5)
    assert (failure.kind, failure.retry_after, failure.unasked) == (LIMITED, None, True)
    assert [row.detail for row in call.ledger] == ["its limits left no room within 5.0 s"]
    assert house.under_way == (1, 0)
    first.cancel()


async def test_who_runs_out_of_time_in_line_stands_in_the_ledger(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(answers(hangs())), concurrency=1)
    first = ask(handler, one())
    await asyncio.sleep(0)
    call = one()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(handler(call), 7)
    assert [row.detail for row in call.ledger] == ["it was waited for, for 7.0 s: its limits left no room"]
    assert house.under_way == (1, 0)
    first.cancel()


async def test_what_an_answer_used_is_what_counts(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(*[answers("hi")] * 20), tokens_per_minute=3000)
    for _ in range(20):  # 500 and more are reserved for each, 8 used, 600 may go at once
        await text_of(await handler(one()))
    assert house.now() == 0


async def test_a_request_that_was_turned_away_costs_nothing(house: House, one: ACall) -> None:
    takes = [refuses(pb.FAILURE_KIND_UNREACHABLE)] * 9 + [refuses(pb.FAILURE_KIND_OVERLOADED)] * 9
    handler = house.build(ScriptedProvider(*takes, answers("hi")), requests_per_minute=1)
    for _ in range(18):
        await failure_of(handler(one()))
    assert await text_of(await handler(one())) == "hi"
    assert house.now() == 0


async def test_a_request_that_broke_half_way_is_paid_for(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(answers("h", breaks()), answers("hi")), requests_per_minute=1)
    await failure_of(handler(one()))
    assert await text_of(await handler(one(seconds=100))) == "hi"
    assert house.now() == pytest.approx(75)


async def test_after_a_refusal_all_keep_away_for_as_long_as_the_provider_says(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(refuses(LIMITED, retry_after=20), answers("hi")))
    await failure_of(handler(one()))
    assert (await failure_of(handler(one(candidates=BOTH)))).retry_after == pytest.approx(20)
    assert house.leases.state(A).keys[0].held_for == pytest.approx(20)
    assert await text_of(await handler(one())) == "hi"
    assert house.now() == pytest.approx(20)


async def test_a_refusal_without_a_wait_holds_nobody(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(refuses(LIMITED), answers("hi")))
    await failure_of(handler(one()))
    assert await text_of(await handler(one())) == "hi"
    assert house.now() == 0


async def test_what_the_provider_says_of_its_limits_is_kept(house: House, one: ACall) -> None:
    remaining = 3

    async def leaf(call: Call) -> Reply:
        nonlocal remaining
        assert remaining > 0
        remaining -= 1
        assert call.permit is not None
        call.permit.heard(Allowances(requests=Allowance(limit=6, remaining=remaining, resets_in=6.0 - remaining)))
        started, said = pb.ChatEvent(started=pb.Started()), pb.ChatEvent(text_delta=pb.TextDelta(text="hi"))
        return Reply.whole([started, said, pb.ChatEvent(completed=pb.ChatResponse())])

    handler = house.build(leaf)
    for _ in range(3):
        await text_of(await handler(one()))
    assert house.now() == 0
    waiting = ask(handler, one())
    await asyncio.sleep(0)
    assert house.under_way == (0, 1)
    remaining = 1
    assert await waiting == "hi"
    assert house.now() == pytest.approx(1)


async def test_the_key_is_one_that_has_room(house: House, one: ACall) -> None:
    provider = ScriptedProvider(*[SLOW] * 5)
    handler = house.build(provider, keys=2, concurrency=2)
    await asyncio.gather(*(ask(handler, one()) for _ in range(5)))
    assert [call.permit.key for call in provider.calls if call.permit] == [0, 1, 0, 1, 0]
    assert house.now() == pytest.approx(20)


async def test_whoever_waits_takes_whichever_key_is_free_first(house: House, one: ACall) -> None:
    provider = ScriptedProvider(answers(hangs()), answers("hi", opens_after=3), answers("hi"))
    handler = house.build(provider, keys=2, concurrency=1)
    first, *others = (ask(handler, one()) for _ in range(3))
    await asyncio.gather(*others)
    assert [call.permit.key for call in provider.calls if call.permit] == [0, 1, 1]
    assert house.now() == pytest.approx(3)
    first.cancel()


async def test_when_the_circuit_opens_the_line_is_empty(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(answers(hangs())), concurrency=1)
    first = ask(handler, one(seconds=1000))
    calls = [one() for _ in range(3)]
    waiting = [ask(handler, call) for call in calls]
    await asyncio.sleep(1)
    house.leases.turn_away(A, "its circuit is open (STALLED)", 15)
    for task, call in zip(waiting, calls, strict=True):
        failure = await failure_of(task)
        assert (failure.kind, failure.detail, failure.unasked) == (OPEN, "a/m: its circuit is open (STALLED)", True)
        assert [(row.outcome, row.failure) for row in call.ledger] == [(pb.ATTEMPT_OUTCOME_SKIPPED, OPEN)]
    assert house.under_way == (1, 0)
    first.cancel()


async def test_as_long_as_it_is_open_nobody_waits_but_who_needs_not_wait_goes_on(house: House, one: ACall) -> None:
    provider = ScriptedProvider(answers("probe"), SLOW, answers("later"))
    handler = house.build(provider, concurrency=1)
    house.leases.desk(A)
    house.leases.turn_away(A, "its circuit is open", 15)
    assert await text_of(await handler(one())) == "probe"
    busy = ask(handler, one())
    await asyncio.sleep(1)
    assert (await failure_of(handler(one()))).kind == OPEN
    await busy
    busy = ask(handler, one(seconds=1))
    await busy
    assert house.now() == pytest.approx(10)


async def test_who_insists_waits_although_the_circuit_is_open(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(SLOW, answers("hi")), concurrency=1)
    first, second = ask(handler, one()), ask(handler, one(insists=True))
    await asyncio.sleep(1)
    house.leases.turn_away(A, "its circuit is open", 15)
    assert await first == "hi"
    assert await second == "hi"


async def test_a_copy_gets_a_permit_that_is_free_now_or_none(house: House, one: ACall) -> None:
    house.build(ScriptedProvider(), keys=2, concurrency=1)
    call = one()
    first, second = house.leases.try_now(call), house.leases.try_now(call)
    assert first is not None
    assert second is not None
    assert [leased.call.permit.key for leased in (first, second) if leased.call.permit] == [0, 1]
    assert house.leases.try_now(call) is None
    second.ended(Completed(pb.ChatResponse()))
    second.ended(Completed(pb.ChatResponse()))
    assert house.under_way == (1, 0)
    assert house.leases.try_now(call) is not None


async def test_a_copy_does_not_overtake_those_who_wait(house: House, one: ACall) -> None:
    handler = house.build(ScriptedProvider(answers("hi")), tokens_per_minute=3000)
    house.leases.desk(A).now(600)
    waiting = ask(handler, one())
    await asyncio.sleep(0)
    assert house.leases.try_now(one()) is None
    await waiting


async def test_the_copy_that_lost_gives_its_own_permit_back_though_the_other_goes_on(house: House, one: ACall) -> None:
    """As a hedge does it: the reply that the lease sees is the other one's."""
    handler_of_copies: list[Handler] = []

    async def hedge(call: Call, forward: Handler) -> Reply:
        handler_of_copies.append(forward)
        first = asyncio.ensure_future(forward(call))
        await asyncio.sleep(1)
        leased = house.leases.try_now(call)
        assert leased is not None
        reply = await forward(leased.call)
        first.cancel()
        await asyncio.wait([first])
        reply.watch(leased.ended)
        return reply

    provider = ScriptedProvider(answers(hangs()), answers("hi", pauses(5)))
    house.build(provider, concurrency=2)
    lease = Lease(leases=house.leases, max_wait=5, now=house.now, observe=house.facts.observe)
    attempt = Attempt(now=house.now, tracer=house._tracer, observe=house.facts.observe)
    reply = await stack(lease, hedge, attempt, Commit(), leaf=provider)(one(streamed=True))
    assert house.under_way == (1, 0), "only that of the copy that speaks"
    assert await text_of(reply) == "hi"
    assert house.under_way == (0, 0)


async def test_a_target_that_nobody_asked_has_a_state_and_is_not_remembered(house: House) -> None:
    house.build(ScriptedProvider(), keys=2)
    assert [key.name for key in house.leases.state(A).keys] == ["0", "1"]
    assert list(house.leases.states()) == []
