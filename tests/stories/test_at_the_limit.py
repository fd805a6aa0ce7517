"""1,000 callers wait at a provider's rate limit (M17): in order, at the limit's rate, none past its deadline."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest
from opentelemetry.trace import INVALID_SPAN, NoOpTracer

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.horizon import Horizon
from service.chat.ledger import Ledger
from service.chat.reply import Handler, Reply
from service.chat.target import Candidate, Target
from service.pipeline.assembly import Plan, assemble
from service.pipeline.leasing.desk import Terms
from service.pipeline.leasing.leases import Leases
from service.policies.lane import Limits
from tests.kit.facts import Facts
from tests.kit.pipeline import world_of
from tests.kit.replies import text_of

CALLERS = 1000
PER_MINUTE = 600
AT_ONCE, PER_SECOND = 120, 8
TARGET = Target("a", "m")
ANSWER = pb.ChatEvent(text_delta=pb.TextDelta(text="hi"))
END = pb.ChatEvent(completed=pb.ChatResponse(finish_reason=pb.FINISH_REASON_STOP))

Clock = Callable[[], float]


@dataclass
class Provider:
    """Notes who asks when."""

    now: Clock
    asked: list[tuple[float, str]] = field(default_factory=list)

    async def __call__(self, call: Call) -> Reply:
        self.asked.append((self.now(), call.id))
        return Reply.whole([ANSWER, END])


@pytest.fixture
def provider(now: Clock) -> Provider:
    return Provider(now)


@pytest.fixture
def handler(provider: Provider, now: Clock) -> Handler:
    leases = Leases(now, lambda target: Terms(limits=Limits(requests_per_minute=PER_MINUTE)))
    return assemble(replace(world_of(now, NoOpTracer(), Facts()), leases=leases), Plan(), provider)


@pytest.fixture
def calls(a_call: Callable[..., Call]) -> Callable[[Callable[[int], float]], list[Call]]:
    """All callers, who come at once; each has so many seconds."""
    base = a_call(candidates=[Candidate(target=TARGET)], span=INVALID_SPAN)

    def make(seconds: Callable[[int], float]) -> list[Call]:
        return [replace(base, id=str(n), horizon=Horizon(seconds(n)), ledger=Ledger()) for n in range(CALLERS)]

    return make


async def asked(handler: Handler, call: Call, now: Clock) -> tuple[float, str]:
    """When it was over, and how."""
    try:
        return now(), await text_of(await handler(call))
    except Failure as failure:
        return now(), failure.reason


async def test_they_are_served_in_order_at_the_rate_of_the_limit(
    handler: Handler, provider: Provider, calls: Callable[..., list[Call]], now: Clock
) -> None:
    outcomes = await asyncio.gather(*(asked(handler, call, now) for call in calls(lambda number: 300.0)))
    assert [text for _, text in outcomes] == ["hi"] * CALLERS
    assert [caller for _, caller in provider.asked] == [str(number) for number in range(CALLERS)]
    for position, (then, _) in enumerate(provider.asked):
        assert then == pytest.approx(max(0, position + 1 - AT_ONCE) / PER_SECOND)
    for then, _ in provider.asked:
        assert sum(then <= other < then + 60 for other, _ in provider.asked) <= PER_MINUTE


async def test_who_cannot_be_served_in_time_is_told_at_once_and_takes_nobodys_place(
    handler: Handler, provider: Provider, calls: Callable[..., list[Call]], now: Clock
) -> None:
    patient = calls(lambda number: 40.0 if number % 2 else 90.0)
    outcomes = await asyncio.gather(*(asked(handler, call, now) for call in patient))
    limits = {call.id: call.deadline for call in patient}
    assert all(then < limits[caller] for then, caller in provider.asked)
    refused = [(when, reason) for when, reason in outcomes if reason != "hi"]
    assert {reason for _, reason in refused} == {"RATE_LIMITED"}
    assert all(when == 0 for when, _ in refused), "though they would have waited"
    served = {caller for _, caller in provider.asked}
    assert {str(number) for number in range(0, CALLERS, 2)} <= served, "those who refused did not stand in their way"
    assert len(served) - CALLERS // 2 == pytest.approx((AT_ONCE + PER_SECOND * 39.5) / 2, abs=2)


async def test_a_circuit_that_opens_sends_all_of_them_away(
    provider: Provider, calls: Callable[..., list[Call]], now: Clock
) -> None:
    async def dead(call: Call) -> Reply:
        provider.asked.append((now(), call.id))
        await asyncio.sleep(1)
        raise Failure(pb.FAILURE_KIND_OVERLOADED, "dead")

    leases = Leases(now, lambda target: Terms(limits=Limits(concurrency=5)))
    handler = assemble(replace(world_of(now, NoOpTracer(), Facts()), leases=leases), Plan(), dead)
    outcomes = await asyncio.gather(*(asked(handler, call, now) for call in calls(lambda number: 300.0)))
    reasons = Counter(reason for _, reason in outcomes)
    assert reasons == {"OVERLOADED": 5, "CIRCUIT_OPEN": len(outcomes) - 5}, "those who were asked know the cause"
    assert len(provider.asked) < 20
    assert now() < 5
    assert leases.state(TARGET).in_flight == 0
