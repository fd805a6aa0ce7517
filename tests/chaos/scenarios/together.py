"""M04: 200 equal calls at once, half of them streams, with an empty cache. Scale 1: nothing waits.

The first of each kind opens the flight and leaves while the provider still thinks; the others come in between.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence

from mainstay import v1 as pb
from mainstay.messages import RequestFields
from tests.chaos.expect import expect, expect_that
from tests.chaos.scenario import Mode, Scenario
from tests.chaos.seen import Seen, see
from tests.chaos.stage import QUESTION, Stage

CALLS = 200
SAMPLES = 5
SECONDS = 20.0
THINKS = 1.0
"""Seconds until the first token: all come meanwhile."""
USE = RequestFields(policy=pb.CallPolicy(cache=pb.CACHE_MODE_USE))
BYPASS = RequestFields(policy=pb.CallPolicy(cache=pb.CACHE_MODE_BYPASS))
KINDS = (False, True)


async def _share(stage: Stage) -> None:
    await stage.break_with(primary=f"slow({THINKS:g})+tokens(60)")
    openers = [asyncio.create_task(_ask(stage, USE, streamed=streamed)) for streamed in KINDS]
    while len(await stage.requests(stage.primary)) < len(KINDS):
        await asyncio.sleep(0.005)
    callers = [asyncio.create_task(_ask(stage, USE, streamed=number % 2 == 0)) for number in range(CALLS)]
    await asyncio.sleep(THINKS / 2)
    for opener in openers:
        opener.cancel()
    await asyncio.gather(*openers, return_exceptions=True)
    seen = await asyncio.gather(*callers)
    asked = len(await stage.requests(stage.primary))
    stage.tell(f"{sum(_is_whole(one) for one in seen)} of {CALLS} whole answers", asked)
    expect("what the callers saw", Counter(one.phrase for one in seen), {"completed by primary": CALLS})
    expect("requests to the primary, one of each kind", asked, len(KINDS))
    _expect_shared(seen)
    await _expect_samples(stage)


def _expect_shared(seen: Sequence[Seen]) -> None:
    expect("whole answers", sum(_is_whole(one) for one in seen), CALLS)
    expect("texts", len({one.text for one in seen}), 1)
    expect("attempts that the callers are told of", sum(len(one.attempts) for one in seen), 0)
    joined = Counter(one.provenance.joined_call_id for one in seen)
    expect("calls that were joined, and by how many", sorted(joined.values()), [CALLS // 2] * 2)
    expect_that("" not in joined, "some do not say whom they joined")


async def _expect_samples(stage: Stage) -> None:
    """With the cache bypassed each call is its own."""
    before = len(await stage.requests(stage.primary))
    seen = await asyncio.gather(*(_ask(stage, BYPASS, streamed=False) for _ in range(SAMPLES)))
    expect("what they saw", Counter(one.phrase for one in seen), {"completed by primary": SAMPLES})
    expect("requests for them", len(await stage.requests(stage.primary)) - before, SAMPLES)


async def _ask(stage: Stage, fields: RequestFields, *, streamed: bool) -> Seen:
    return await see(
        stage.house.client, QUESTION, streamed=streamed, seconds=SECONDS, model=stage.name, policy=fields["policy"]
    )


def _is_whole(seen: Seen) -> bool:
    return seen.response is not None and seen.answer.usage.output_tokens == 60 and bool(seen.text)


SCENARIOS = [
    Scenario(key="m04", does=f"{CALLS} equal calls at once, the first leave", modes=[Mode.MIXED], play=_share),
]
