"""Whatever fails in whatever order, a call makes no more requests than it may, and ends in one allowed way."""

import asyncio
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.trace import NoOpTracer

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.conditions import Conditions
from service.chat.failures import VERDICTS, Failure
from service.chat.horizon import Horizon
from service.chat.reply import Reply
from service.chat.target import Candidate, Target
from tests.kit.facts import Facts
from tests.kit.pipeline import pipeline
from tests.kit.scripted import ScriptedProvider, answers, breaks
from tests.kit.virtual_time import VirtualTimeLoop

KINDS = st.sampled_from([None, *sorted(VERDICTS)])
FAILURES = st.lists(st.tuples(KINDS, st.sampled_from([None, 0.0, 0.1, 3.0, 99.0]), st.booleans()), max_size=60)


@settings(max_examples=300, deadline=None)
@given(FAILURES, st.integers(1, 5), st.integers(1, 10), st.booleans(), st.booleans())
def test_no_sequence_of_failures_makes_more_than_max_attempts_requests(
    script: list[tuple[Any, float | None, bool]], targets: int, max_attempts: int, streamed: bool, degrade: bool
) -> None:
    requests: list[Target] = []
    outcomes = iter(script)

    async def leaf(call: Call) -> Reply:
        kind, retry_after, in_the_middle = next(outcomes, (None, None, False))
        if kind == pb.FAILURE_KIND_UNSUPPORTED:
            raise Failure(kind, "never sent")
        requests.append(call.target)
        if kind is None:
            return await ScriptedProvider(answers("hi"))(call)
        if in_the_middle:
            return await ScriptedProvider(answers("half", breaks(kind)))(call)
        raise Failure(kind, "as the script says", retry_after=retry_after)

    async def ask() -> str:
        candidates = [Candidate(target=Target(f"p{number}", "m")) for number in range(targets)]
        message = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])
        call = Call(
            id="call_1",
            request=pb.ChatRequest(model="fast", messages=[message]),
            caller="test",
            streamed=streamed,
            arrived=0.0,
            horizon=Horizon(60.0),
            candidates=candidates,
            target=candidates[0].target,
            conditions=Conditions(max_attempts=max_attempts, degrade=degrade),
        )
        now = asyncio.get_running_loop().time
        events: list[str] = []
        try:
            reply = await pipeline(leaf, now, NoOpTracer(), Facts())(call)
            events = [str(event.WhichOneof("event")) async for event in reply]
        except Failure:
            ending = "failed"
        else:
            ending = events[-1]
        assert all(row.outcome != pb.ATTEMPT_OUTCOME_UNSPECIFIED for row in call.ledger)
        assert call.ledger.requests == len(requests)
        assert now() <= 60.0
        return ending

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        ending = runner.run(ask())
    assert len(requests) <= max_attempts
    assert ending in ("completed", "failed")
    assert requests == sorted(requests, key=lambda target: target.provider)
