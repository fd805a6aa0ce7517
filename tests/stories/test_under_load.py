"""The primary is dead and the secondary is well: 500 calls a second for a minute, in no time (M06, first half)."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from opentelemetry.context import Context
from opentelemetry.trace import NoOpTracer

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.ledger import Ledger
from service.chat.reply import Reply
from service.chat.target import Candidate, Target
from service.policies.budget import CAP, DEPOSIT, FLOOR_PER_SECOND
from tests.kit.facts import Facts
from tests.kit.pipeline import pipeline
from tests.kit.replies import text_of

PRIMARY, SECONDARY = Target("primary", "m"), Target("secondary", "m")
CANDIDATES = [Candidate(target=PRIMARY), Candidate(target=SECONDARY)]
PER_SECOND = 500
SECONDS = 60


ANSWER = pb.ChatEvent(text_delta=pb.TextDelta(text="hi"))
END = pb.ChatEvent(completed=pb.ChatResponse(finish_reason=pb.FINISH_REASON_STOP))


@pytest.mark.parametrize("kind", [pb.FAILURE_KIND_OVERLOADED, pb.FAILURE_KIND_RATE_LIMITED], ids=pb.FailureKind.Name)
async def test_every_call_is_answered_and_the_dead_primary_is_spared(
    kind: pb.FailureKind.ValueType, a_call: Callable[..., Call], now: Callable[[], float]
) -> None:
    asked = 0

    async def leaf(call: Call) -> Reply:
        nonlocal asked
        if call.target == PRIMARY:
            asked += 1
            await asyncio.sleep(0.05)
            raise Failure(kind, "dead")
        return Reply.whole([ANSWER, END])

    handler = pipeline(leaf, now, NoOpTracer(), Facts())
    base = a_call(candidates=CANDIDATES, seconds=SECONDS + 60.0, context=Context())

    async def ask(second: int) -> str:
        await asyncio.sleep(second)
        return await text_of(await handler(replace(base, ledger=Ledger())))

    calls = PER_SECOND * SECONDS
    answered = await asyncio.gather(*(ask(number // PER_SECOND) for number in range(calls)))
    assert answered == ["hi"] * calls
    assert calls < asked <= calls * (1 + DEPOSIT) + FLOOR_PER_SECOND * now() + CAP
