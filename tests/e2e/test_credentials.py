"""Keys that die and tokens that expire, with real processes. M07 and M16 themselves are rows of `make chaos`."""

import asyncio
from collections import Counter, deque
from pathlib import Path

import pytest

from mainstay import ChatClient, MainstayError
from tests.kit.gatehouse import CANARIES, DEAD, GOOD, LIMITED, OAUTH, OLD, SECRET, house, outcomes
from tests.kit.gatekeeper import Gatekeeper


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


async def test_a_token_is_masked_in_the_log_whoever_brings_it_there(tmp_path: Path) -> None:
    gatekeeper = Gatekeeper(tokens=deque([OLD]))
    async with house(tmp_path, gatekeeper, oauth=OAUTH) as (process, client):
        await outcomes(client, streamed=False)
        async with ChatClient(process.address, caller=OLD) as another:
            await outcomes(another, streamed=False)
    assert [line["caller"] for line in process.lines("call")][1:] == ["***"]


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
