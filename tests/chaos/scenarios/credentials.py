"""M07 and M16: keys that die and tokens that expire, before a provider that looks at who asks. A service of its own.

At scale 1: tokens live as long as they say, in seconds. That no credential gets out, `tests.kit.gatehouse` watches.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mainstay import ChatClient
from tests.chaos.expect import expect, expect_that
from tests.chaos.own import expect_a_good_end
from tests.chaos.scenario import Mode, Scenario
from tests.chaos.stage import Stage
from tests.kit.gatehouse import DEAD, GOOD, LIMITED, NEW, NEWER, OAUTH, OLD, house, outcomes
from tests.kit.gatekeeper import Gatekeeper
from tests.kit.process import Process

CALLERS = 20
ANSWERED = "UNSPECIFIED"
"""The failure of an attempt that had none."""
LIFE = 4.0
"""Seconds of a token: it is renewed while it is valid."""
NO_TOKEN, TOKENS_AGAIN = "no new token", "tokens come again"


async def _a_key_dies(stage: Stage) -> None:
    """And another is limited."""
    keys = [{"key": DEAD, "name": "first"}, LIMITED, GOOD]
    gatekeeper = Gatekeeper(refuses={DEAD: 401, LIMITED: 429}, retry_after="60")
    async with _gate(gatekeeper, api_keys=keys) as (process, client):
        first = await outcomes(client, streamed=stage.streamed)
        later = [await outcomes(client, streamed=stage.streamed) for _ in range(5)]
    stage.tell("6 of 6 completed, the third key serves", len(gatekeeper.came))
    expect("the first call's attempts", first, ["BAD_CREDENTIALS", "RATE_LIMITED", ANSWERED])
    expect("the others'", later, [[ANSWERED]] * 5)
    expect("requests by key", Counter(gatekeeper.came), {DEAD: 1, LIMITED: 1, GOOD: 6})
    set_aside = [(line["key"], line["target"], line["reason"]) for line in process.lines("key set aside")]
    expect("keys set aside", set_aside, [("first", "gate/m", "BAD_CREDENTIALS")])


async def _expires_in_flight(stage: Stage) -> None:
    """The provider refuses the token that many calls are on their way with."""
    gatekeeper = Gatekeeper(tokens=deque([OLD, NEW, NEWER]), token_seconds=0.2)
    async with _gate(gatekeeper, oauth=OAUTH) as (_, client):
        await outcomes(client, streamed=False)
        gatekeeper.open.clear()
        async with asyncio.TaskGroup() as callers:
            calls = [callers.create_task(outcomes(client, streamed=bool(n % 2))) for n in range(CALLERS)]
            while len(gatekeeper.came) < 1 + CALLERS:
                await asyncio.sleep(0.01)
            gatekeeper.refuses[OLD] = 401
            gatekeeper.open.set()
    stage.tell(f"{CALLERS} of {CALLERS} completed, one new token", len(gatekeeper.came))
    expect("their attempts", [call.result() for call in calls], [["BAD_CREDENTIALS", ANSWERED]] * CALLERS)
    expect("tokens granted", gatekeeper.granted, [OLD, NEW])
    expect("requests by token", Counter(gatekeeper.came), {OLD: 1 + CALLERS, NEW: CALLERS})


async def _token_server_down(stage: Stage) -> None:
    """The token is to be renewed, and nobody gives a new one."""
    gatekeeper = Gatekeeper(tokens=deque([OLD, NEW]), life=LIFE)
    async with _gate(gatekeeper, oauth=OAUTH) as (process, client):
        await outcomes(client, streamed=False)
        gatekeeper.token_status = 503
        await _ask_until_said(NO_TOKEN, process, client)
        seen = await asyncio.gather(*(outcomes(client, streamed=bool(n % 2)) for n in range(CALLERS)))
        used, asked = set(gatekeeper.came), len(gatekeeper.asked)
        gatekeeper.token_status = 200
        await _ask_until_said(TOKENS_AGAIN, process, client)
        await outcomes(client, streamed=False)
    stage.tell(f"{CALLERS} of {CALLERS} completed with the old token", len(gatekeeper.came))
    expect("their attempts", seen, [[ANSWERED]] * CALLERS)
    expect("tokens that were used while the token server was down", used, {OLD})
    expect_that(asked <= 3, f"the token server was asked {asked} times while it was down")
    expect("the token of the last call", gatekeeper.came[-1], NEW)
    expect(f"lines that say {NO_TOKEN!r}", len(process.lines(NO_TOKEN)), 1)


async def _ask_until_said(event: str, process: Process, client: ChatClient) -> None:
    while not process.lines(event):
        expect("a caller meanwhile", await outcomes(client, streamed=False), [ANSWERED])
        await asyncio.sleep(0.05)


@asynccontextmanager
async def _gate(gatekeeper: Gatekeeper, **provider: object) -> AsyncIterator[tuple[Process, ChatClient]]:
    """The house in a folder of its own; it must end well."""
    with TemporaryDirectory(prefix="mainstay-chaos-gate-") as folder:
        async with house(Path(folder), gatekeeper, **provider) as (process, client):
            yield process, client
    expect_a_good_end(process)


SCENARIOS = [
    Scenario(key="m07", does="a key dies (401), another is limited (429)", play=_a_key_dies),
    Scenario(key="m16", does="a token expires in flight", modes=[Mode.MIXED], play=_expires_in_flight),
    Scenario(
        key="m16-down", does="a token is to be renewed, nobody gives one", modes=[Mode.MIXED], play=_token_server_down
    ),
]
