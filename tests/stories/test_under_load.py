"""The primary is dead and the secondary is well: 500 calls a second for a while, in no time (M06)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from opentelemetry.trace import INVALID_SPAN, NoOpTracer

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.ledger import Ledger
from service.chat.reply import Reply
from service.chat.target import Candidate, Target
from service.pipeline.assembly import Plan, World, assemble
from service.pipeline.facts import CircuitChanged
from service.policies.budget import CAP, DEPOSIT, FLOOR_PER_SECOND
from service.policies.circuit import Circuit, CircuitOptions, State
from service.policies.per_target import PerTarget
from tests.kit.facts import Facts
from tests.kit.pipeline import world_of
from tests.kit.replies import text_of

PRIMARY, SECONDARY = Target("primary", "m"), Target("secondary", "m")
CANDIDATES = [Candidate(target=PRIMARY), Candidate(target=SECONDARY)]
PER_SECOND = 500
SECONDS = 20


ANSWER = pb.ChatEvent(text_delta=pb.TextDelta(text="hi"))
END = pb.ChatEvent(completed=pb.ChatResponse(finish_reason=pb.FINISH_REASON_STOP))


class Load:
    """Calls that come by the second, and a primary that fails each of them."""

    def __init__(self, kind: pb.FailureKind.ValueType, world: World, base: Call) -> None:
        self.asked = 0
        """Requests to the primary."""
        self._kind = kind
        self._base = base
        self._handler = assemble(world, Plan(), self._leaf)

    async def answers(self) -> list[str]:
        return await asyncio.gather(*(self._ask(number // PER_SECOND) for number in range(PER_SECOND * SECONDS)))

    async def _ask(self, second: int) -> str:
        await asyncio.sleep(second)
        return await text_of(await self._handler(replace(self._base, ledger=Ledger())))

    async def _leaf(self, call: Call) -> Reply:
        if call.target == PRIMARY:
            self.asked += 1
            await asyncio.sleep(0.05)
            raise Failure(self._kind, "dead")
        return Reply.whole([ANSWER, END])


@pytest.fixture
def base(a_call: Callable[..., Call]) -> Call:
    return a_call(candidates=CANDIDATES, seconds=SECONDS + 60.0, span=INVALID_SPAN)


@pytest.mark.parametrize("kind", [pb.FAILURE_KIND_OVERLOADED, pb.FAILURE_KIND_RATE_LIMITED], ids=pb.FailureKind.Name)
async def test_without_any_circuit_every_call_is_answered_and_the_dead_primary_is_spared(
    kind: pb.FailureKind.ValueType, base: Call, now: Callable[[], float]
) -> None:
    never = PerTarget(lambda target: Circuit(CircuitOptions(enabled=False), now, lambda: 0.5))
    load = Load(kind, replace(world_of(now, NoOpTracer(), Facts()), circuits=never), base)
    calls = PER_SECOND * SECONDS
    assert await load.answers() == ["hi"] * calls
    assert calls < load.asked <= calls * (1 + DEPOSIT) + FLOOR_PER_SECOND * now() + CAP


async def test_with_a_circuit_the_dead_primary_is_asked_once_for_each_time_that_it_opens(
    base: Call, now: Callable[[], float]
) -> None:
    facts = Facts()
    load = Load(pb.FAILURE_KIND_OVERLOADED, world_of(now, NoOpTracer(), facts), base)
    assert await load.answers() == ["hi"] * (PER_SECOND * SECONDS)
    openings = [fact for fact in facts.of(CircuitChanged) if fact.state is State.OPEN]
    assert len(openings) == 2, "one at the start, one after 15 seconds"
    assert load.asked == PER_SECOND + 1, "those that were under way before it opened, and a probe"
