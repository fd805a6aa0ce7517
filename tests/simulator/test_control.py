"""The control endpoint: faults at runtime, and the log that tests read."""

from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.simulator.raw import Raw, body_of, log_once_idle

pytestmark = pytest.mark.anyio
CHAT = "/v1/chat/completions"


async def statuses(http: httpx.AsyncClient, model: str, times: int) -> list[int]:
    return [(await http.post(CHAT, json=body_of(model))).status_code for _ in range(times)]


async def test_rules_strike_matching_models_until_they_are_cleared(http: httpx.AsyncClient) -> None:
    rules = [{"model": "ch?t", "fault": "status(503)"}]
    assert (await http.put("/control/faults", json=rules)).json() == rules
    assert await statuses(http, "chat", 1) == [503]
    assert await statuses(http, "chat+tokens(3)", 1) == [503]
    assert await statuses(http, "other", 1) == [200]
    assert (await http.delete("/control/faults")).json() == []
    assert await statuses(http, "chat", 1) == [200]


async def test_a_sequence_begins_anew_when_the_log_is_deleted(http: httpx.AsyncClient) -> None:
    await http.put("/control/faults", json=[{"first": 1, "fault": "status(500)"}])
    named = "x+first(1,status(429))"
    assert await statuses(http, "chat", 2) == [500, 200]
    assert await statuses(http, named, 2) == [429, 200]
    await http.delete("/control/requests")
    assert await statuses(http, "chat", 2) == [500, 200]
    await http.delete("/control/faults")
    assert await statuses(http, named, 2) == [429, 200]


async def test_every_nth_request_is_struck(http: httpx.AsyncClient) -> None:
    await http.put("/control/faults", json=[{"every": 3, "fault": "status(500)"}])
    assert await statuses(http, "chat", 6) == [200, 200, 500, 200, 200, 500]


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("{", "unexpected"),
        ("{}", "expected a list"),
        ('[{"fault": "status(500)"}, {"fault": "statsu(500)"}]', "rule 2: unknown fault 'statsu'"),
        ('[{"fault": "hold", "frist": 1}]', "rule 1: unknown key 'frist'"),
        ('[{"fault": "hold", "first": 1, "every": 2}]', "rule 1: only one of"),
    ],
)
async def test_bad_rules_are_refused_and_the_old_ones_stay(http: httpx.AsyncClient, rules: str, said: str) -> None:
    good = [{"fault": "status(503)"}]
    await http.put("/control/faults", json=good)
    answer = await http.put("/control/faults", content=rules)
    assert answer.status_code == 400
    assert said in answer.json()["error"]["message"]
    assert (await http.get("/control/faults")).json() == good


async def test_the_log_tells_what_was_asked_and_how_it_ended(http: httpx.AsyncClient) -> None:
    headers = {"traceparent": "00-1-2-01", "x-request-id": "abc", "authorization": "Bearer sk-secret"}
    body = body_of("chat+tokens(12)", stream=True)
    answer = await http.post(CHAT, json=body, headers=headers)
    log = (await http.get("/control/requests")).json()
    [entry] = log["requests"]
    assert "sk-secret" not in str(log)
    assert (log["open_requests"], log["total"]) == (0, 1)
    assert entry["headers"]["traceparent"] == "00-1-2-01"
    assert entry["headers"]["x-request-id"] == "abc"
    assert (entry["number"], entry["model"], entry["stream"]) == (1, "chat+tokens(12)", True)
    assert (entry["status"], entry["chunks"], entry["bytes"]) == (200, 12, len(answer.content))
    assert (entry["ending"], entry["disconnected"]) == ("answered", False)
    assert 0 < entry["seconds_open"] < 2


async def test_a_refused_request_is_logged_with_its_status(http: httpx.AsyncClient) -> None:
    await http.post(CHAT, json=body_of("chat", n=0))
    [entry] = (await http.get("/control/requests")).json()["requests"]
    assert (entry["status"], entry["ending"]) == (400, "answered")


async def test_the_log_tells_after_how_many_chunks_a_client_left(
    post: Callable[..., Awaitable[Raw]], http: httpx.AsyncClient
) -> None:
    raw = await post(body_of("chat+tokens(9)+stall(4,60)", stream=True))
    await raw.read_until(b'"content":', times=5)
    during = (await http.get("/control/requests")).json()
    assert (during["open_requests"], during["open_connections"]) == (1, 1)
    await raw.leave()
    log = await log_once_idle(http)
    assert (log["requests"][0]["disconnected"], log["requests"][0]["chunks"]) == (True, 4)


async def test_a_broken_connection_is_not_mistaken_for_a_client_that_left(
    post: Callable[..., Awaitable[Raw]], http: httpx.AsyncClient
) -> None:
    for model in ("chat+cut(2)", "chat+reset"):
        raw = await post(body_of(model, stream=True))
        await raw.read_to_end()
    log = (await http.get("/control/requests")).json()
    assert [entry["ending"] for entry in log["requests"]] == ["broken", "broken"]
