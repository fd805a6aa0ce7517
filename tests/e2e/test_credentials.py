"""Keys that die and tokens that expire, with real processes: SCENARIOS.md M07 and M16."""

import asyncio
import json
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from mainstay import ChatClient, MainstayError
from mainstay import v1 as pb
from tests.kit.gatekeeper import Gatekeeper, gatekeeping
from tests.kit.log_schema import Schema
from tests.kit.process import Process, mainstayd

DEAD, LIMITED, GOOD = "Canary7Key7Dead", "Canary7Key7Limited", "Canary7Key7Good"
SECRET, OLD, NEW, NEWER = "Canary7Client7Secret", "Canary7Token7Old", "Canary7Token7New", "Canary7Token7Newer"
CANARIES = (DEAD, LIMITED, GOOD, SECRET, OLD, NEW, NEWER)


@asynccontextmanager
async def house(folder: Path, gatekeeper: Gatekeeper, **provider: Any) -> AsyncIterator[tuple[Process, ChatClient]]:
    """The service before the gatekeeper. Whatever happens, no credential leaves it but to whom it belongs."""
    async with gatekeeping(gatekeeper) as origin:
        if "oauth" in provider:
            provider["oauth"] = {"token_url": f"{origin}/oauth/token", "client_id": "me", **provider["oauth"]}
        row = {"protocol": "openai", "base_url": f"{origin}/v1", **provider}
        routes = {"default": {"targets": ["gate/m"], "tries": {"first": 1}, "degrade": False}}
        told = {"providers": {"gate": row}, "routes": routes, "server": {"log_level": "debug"}}
        (folder / "config.yaml").write_text(json.dumps(told))
        async with mainstayd(folder) as process, ChatClient(process.address) as client:
            yield process, client
    said = "".join([*process.log, *process.said])
    assert [canary for canary in CANARIES if canary in said] == []
    assert [wrong for line in map(json.loads, process.log) for wrong in Schema().wrongs(line)] == []


async def outcomes(client: ChatClient, *, streamed: bool) -> list[str]:
    """How each attempt of one call ended; the caller must see an answer."""
    if not streamed:
        response = await client.chat("hello", model="default")
    else:
        async with client.stream("hello", model="default") as stream:
            async for _ in stream:
                pass
        response = stream.response
    rows = response.provenance.attempts
    said = str(response)
    assert not any(canary in said for canary in CANARIES)
    return [pb.FailureKind.Name(row.failure).removeprefix("FAILURE_KIND_") for row in rows]


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "stream"])
async def test_a_dead_key_and_a_limited_one_are_passed_over_and_the_caller_sees_nothing(
    streamed: bool, tmp_path: Path
) -> None:
    gatekeeper = Gatekeeper(refuses={DEAD: 401, LIMITED: 429}, retry_after="60")
    keys = [{"key": DEAD, "name": "first"}, LIMITED, GOOD]
    async with house(tmp_path, gatekeeper, api_keys=keys) as (process, client):
        assert await outcomes(client, streamed=streamed) == ["BAD_CREDENTIALS", "RATE_LIMITED", "UNSPECIFIED"]
        assert gatekeeper.came == [DEAD, LIMITED, GOOD]
        for _ in range(5):
            assert await outcomes(client, streamed=streamed) == ["UNSPECIFIED"]
        assert Counter(gatekeeper.came) == {DEAD: 1, LIMITED: 1, GOOD: 6}
    (line,) = process.lines("key set aside")
    assert (line["key"], line["target"], line["reason"]) == ("first", "gate/m", "BAD_CREDENTIALS")


async def test_a_limited_key_is_used_again_after_its_reset(tmp_path: Path) -> None:
    gatekeeper = Gatekeeper(refuses={LIMITED: 429})
    async with house(tmp_path, gatekeeper, api_keys=[LIMITED, GOOD]) as (_, client):
        assert await outcomes(client, streamed=False) == ["RATE_LIMITED", "UNSPECIFIED"]
        gatekeeper.refuses.clear()
        async with asyncio.timeout(20):
            while gatekeeper.came.count(LIMITED) < 3:
                assert await outcomes(client, streamed=False) == ["UNSPECIFIED"]
                await asyncio.sleep(0.05)


async def test_keys_share_the_load_by_weight(tmp_path: Path) -> None:
    gatekeeper = Gatekeeper()
    keys = [{"key": LIMITED, "weight": 3}, GOOD]
    async with house(tmp_path, gatekeeper, api_keys=keys) as (_, client):
        for _ in range(20):
            await outcomes(client, streamed=False)
    assert Counter(gatekeeper.came) == {LIMITED: 15, GOOD: 5}


async def test_when_every_key_is_dead_the_caller_is_told_why(tmp_path: Path) -> None:
    gatekeeper = Gatekeeper(refuses={DEAD: 401, LIMITED: 401})
    async with house(tmp_path, gatekeeper, api_keys=[DEAD, LIMITED]) as (process, client):
        for _ in range(3):
            with pytest.raises(MainstayError) as caught:
                await outcomes(client, streamed=False)
            assert caught.value.reason == "BAD_CREDENTIALS"
            assert not any(canary in str(caught.value.call_failure) for canary in CANARIES)
        assert len(gatekeeper.came) == 4, "each is tried once; then one for each call"
    assert len(process.lines("key set aside")) == 2


OAUTH = {"client_secret": SECRET}


async def test_a_token_that_expires_in_flight_is_fetched_once_for_all_and_callers_see_nothing(tmp_path: Path) -> None:
    gatekeeper = Gatekeeper(tokens=deque([OLD, NEW, NEWER]), token_seconds=0.2)
    async with house(tmp_path, gatekeeper, oauth=OAUTH) as (_, client):
        await outcomes(client, streamed=False)
        gatekeeper.open.clear()
        calls = [asyncio.ensure_future(outcomes(client, streamed=streamed)) for streamed in (True, False) * 10]
        async with asyncio.timeout(10):
            while len(gatekeeper.came) < 21:
                await asyncio.sleep(0.01)
        gatekeeper.refuses[OLD] = 401  # they are on their way with it
        gatekeeper.open.set()
        assert await asyncio.gather(*calls) == [["BAD_CREDENTIALS", "UNSPECIFIED"]] * 20
    assert gatekeeper.granted == [OLD, NEW]
    assert Counter(gatekeeper.came) == {OLD: 21, NEW: 20}


async def test_a_token_is_masked_in_the_log_whoever_brings_it_there(tmp_path: Path) -> None:
    gatekeeper = Gatekeeper(tokens=deque([OLD]))
    async with house(tmp_path, gatekeeper, oauth=OAUTH) as (process, client):
        await outcomes(client, streamed=False)
        async with ChatClient(process.address, caller=OLD) as another:
            await outcomes(another, streamed=False)
    assert [line["caller"] for line in process.lines("call")][1:] == ["***"]


async def test_the_old_token_serves_while_it_is_valid_and_the_token_server_is_down(tmp_path: Path) -> None:
    gatekeeper = Gatekeeper(tokens=deque([OLD, NEW]), life=4.0)
    async with house(tmp_path, gatekeeper, oauth=OAUTH) as (process, client):
        await outcomes(client, streamed=False)
        gatekeeper.token_status = 503
        async with asyncio.timeout(10):
            while not process.lines("no new token"):
                assert await outcomes(client, streamed=False) == ["UNSPECIFIED"]
                await asyncio.sleep(0.05)
        assert await asyncio.gather(*(outcomes(client, streamed=True) for _ in range(20))) == [["UNSPECIFIED"]] * 20
        assert set(gatekeeper.came) == {OLD}
        assert len(gatekeeper.asked) <= 3, "it was asked again and again"
        gatekeeper.token_status = 200
        async with asyncio.timeout(10):
            while not process.lines("tokens come again"):
                await outcomes(client, streamed=False)
                await asyncio.sleep(0.05)
        await outcomes(client, streamed=False)
    assert gatekeeper.came[-1] == NEW
    assert len(process.lines("no new token")) == 1


async def test_a_token_server_that_refuses_us_is_what_the_caller_is_told(tmp_path: Path) -> None:
    gatekeeper = Gatekeeper(tokens=deque([OLD]), token_status=401)
    async with house(tmp_path, gatekeeper, oauth=OAUTH) as (_, client):
        with pytest.raises(MainstayError) as caught:
            await outcomes(client, streamed=False)
        assert caught.value.reason == "BAD_CREDENTIALS"
        assert "no token from 127.0.0.1: it does not accept our client (HTTP 401, invalid_client)" in str(caught.value)
        assert not any(canary in str(caught.value.call_failure) for canary in CANARIES)
    assert gatekeeper.came == []


@pytest.mark.parametrize("send_as", ["form", "json", "query"])
async def test_a_token_is_asked_for_as_the_server_wants_it(send_as: str, tmp_path: Path) -> None:
    gatekeeper = Gatekeeper(tokens=deque([OLD]))
    oauth = {**OAUTH, "send_as": send_as, "id_field": "client_key", "scope": "chat"}
    async with house(tmp_path, gatekeeper, oauth=oauth) as (_, client):
        await outcomes(client, streamed=False)
    expected = {"grant_type": "client_credentials", "client_key": "me", "client_secret": SECRET, "scope": "chat"}
    assert gatekeeper.asked == [expected]


async def test_azure_of_old_wants_its_key_in_a_header_and_a_version_in_the_query(tmp_path: Path) -> None:
    gatekeeper = Gatekeeper()
    async with house(tmp_path, gatekeeper, catalog="azure", api_key=GOOD, query={"api-version": "2024-10-21"}) as both:
        await outcomes(both[1], streamed=False)
    assert (gatekeeper.came, gatekeeper.urls) == ([GOOD], ["/v1/chat/completions?api-version=2024-10-21"])
