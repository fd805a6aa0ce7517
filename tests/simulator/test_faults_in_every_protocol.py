"""Each fault, in the words of the protocols beside OpenAI's."""

import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.simulator.raw import Raw, log_once_idle
from tests.simulator.tongues import ANTHROPIC, ARRAY, GEMINI, TONGUES, Tongue

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("tongue", TONGUES, ids=str)]
Post = Callable[..., Awaitable[Raw]]
BRIEFLY = 0.04
KINDS = {
    400: ("invalid_request_error", "INVALID_ARGUMENT"),
    401: ("authentication_error", "UNAUTHENTICATED"),
    403: ("permission_error", "PERMISSION_DENIED"),
    404: ("not_found_error", "NOT_FOUND"),
    429: ("rate_limit_error", "RESOURCE_EXHAUSTED"),
    500: ("api_error", "INTERNAL"),
    503: ("api_error", "UNAVAILABLE"),
    504: ("timeout_error", "DEADLINE_EXCEEDED"),
    529: ("overloaded_error", "INTERNAL"),
}


async def opened(post: Post, tongue: Tongue, model: str) -> Raw:
    body = tongue.body(model, "hello", True)
    headers = {name.replace("-", "_"): value for name, value in tongue.headers.items()}
    return await post(body, tongue.path(model, True), **headers)


def pieces(raw: Raw, tongue: Tongue) -> int:
    return raw.received.count(tongue.piece)


@pytest.mark.parametrize("status", KINDS)
async def test_a_status_brings_the_protocols_own_error(http: httpx.AsyncClient, tongue: Tongue, status: int) -> None:
    answer = await tongue.ask(http, f"chat+status({status},message=Not so fast)")
    error = answer.json()["error"]
    assert (answer.status_code, error["message"]) == (status, "Not so fast")
    if tongue is ANTHROPIC:
        assert (error["type"], answer.json()["type"]) == (KINDS[status][0], "error")
        assert answer.json()["request_id"] == answer.headers["request-id"]
    else:
        assert (error["status"], error["code"]) == (KINDS[status][1], status)


async def test_a_script_sets_members_and_when_to_come_back(http: httpx.AsyncClient, tongue: Tongue) -> None:
    answer = await tongue.ask(http, "chat+status(429,retry-after=7,code=SPENT,type=mine)")
    error = answer.json()["error"]
    if tongue is ANTHROPIC:
        assert answer.headers["retry-after"] == "7"
        assert (error["type"], error["details"]) == ("mine", {"error_code": "SPENT"})
    else:
        assert "retry-after" not in answer.headers
        assert error["status"] == "mine"
        assert [detail.get("reason") or detail["retryDelay"] for detail in error["details"]] == ["SPENT", "7s"]


async def test_a_delay_holds_back_even_the_headers(post: Post, tongue: Tongue) -> None:
    began = time.monotonic()
    raw = await opened(post, tongue, "chat+delay(80ms)")
    assert await raw.stays_silent(BRIEFLY)
    await raw.read_until(tongue.finish)
    assert time.monotonic() - began >= 0.08


@pytest.mark.parametrize("fault", ["silence", "tokens(9)+stall(3,60)", "slow(60)", "hold"])
async def test_a_client_that_leaves_is_noticed(post: Post, http: httpx.AsyncClient, tongue: Tongue, fault: str) -> None:
    raw = await opened(post, tongue, f"chat+{fault}")
    assert await raw.stays_silent(BRIEFLY) or raw.received
    await raw.leave()
    [entry] = (await log_once_idle(http))["requests"]
    assert (entry["ending"], entry["protocol"]) == ("client_left", tongue.name.split()[0])
    assert (entry["model"], entry["stream"]) == (f"chat+{fault}", True)


async def test_a_reset_is_a_tcp_reset(post: Post, tongue: Tongue) -> None:
    at_once, later = [await opened(post, tongue, f"chat+tokens(60)+{fault}") for fault in ("reset", "reset(7)")]
    await at_once.read_to_end()
    await later.read_to_end()
    assert (at_once.ending, at_once.received) == ("reset", b"")
    assert (later.ending, pieces(later, tongue), later.terminated) == ("reset", 7, False)


@pytest.mark.parametrize("after", [0, 40, 60, 99])
async def test_a_cut_closes_after_so_many_chunks_without_an_end(post: Post, tongue: Tongue, after: int) -> None:
    raw = await opened(post, tongue, f"chat+tokens(60)+cut({after})")
    await raw.read_to_end()
    assert (raw.ending, pieces(raw, tongue), raw.terminated) == ("closed", min(after, 60), False)
    assert tongue.finish not in raw.received


async def test_a_cut_breaks_a_whole_answer_in_its_middle(http: httpx.AsyncClient, tongue: Tongue) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        await tongue.ask(http, "chat+cut(3)")


async def test_a_stall_is_silent_and_then_goes_on(post: Post, tongue: Tongue) -> None:
    raw = await opened(post, tongue, "chat+tokens(20)+stall(10,80ms)")
    await raw.read_until(tongue.piece, times=10)
    assert await raw.stays_silent(BRIEFLY)
    await raw.read_until(tongue.finish)
    assert pieces(raw, tongue) >= 20


async def test_a_malformed_chunk_comes_between_the_others(http: httpx.AsyncClient, tongue: Tongue) -> None:
    answer = await tongue.stream(http, "chat+malformed(5)")
    if tongue is ARRAY:
        with pytest.raises(json.JSONDecodeError):
            tongue.chunks(answer.content)
        return
    assert [type(chunk) for chunk in tongue.chunks(answer.content)].count(str) == 1
    assert tongue.text(answer.content) == tongue.words((await tongue.ask(http, "chat")).json())[0]


async def test_a_malformed_whole_answer_is_not_json(http: httpx.AsyncClient, tongue: Tongue) -> None:
    with pytest.raises(json.JSONDecodeError):
        (await tongue.ask(http, "chat+malformed(0)")).json()


async def test_an_error_takes_the_place_of_the_rest(http: httpx.AsyncClient, tongue: Tongue) -> None:
    data = (await tongue.stream(http, "chat+errorevent(3)")).content
    assert data.count(tongue.piece) == 3
    assert tongue.finish not in data
    if tongue is ANTHROPIC:
        assert data.rpartition(b"event: ")[2].startswith(b"error\n")
        assert tongue.chunks(data)[-1]["error"]["type"] == "overloaded_error"
    elif tongue is GEMINI:
        bare = json.loads(data.rpartition(b"\r\n\r\n")[2])  # without `data:`, as it was recorded
        assert bare["error"]["status"] == "UNAVAILABLE"
    else:
        assert tongue.chunks(data)[-1]["error"]["status"] == "UNAVAILABLE"


async def test_an_error_can_come_with_status_200(http: httpx.AsyncClient, tongue: Tongue) -> None:
    for model in ("chat+error200", "chat+errorevent(2)"):
        answer = await tongue.ask(http, model)
        error = answer.json()["error"]
        assert (answer.status_code, error.get("type", error.get("status"))) == (
            200,
            "overloaded_error" if tongue is ANTHROPIC else "UNAVAILABLE",
        )


@pytest.mark.parametrize(("fault", "start"), [("html200", b"<!doctype html>"), ("empty200", b"")])
async def test_a_body_can_be_no_answer(http: httpx.AsyncClient, tongue: Tongue, fault: str, start: bytes) -> None:
    answer = await tongue.stream(http, f"chat+{fault}")
    assert answer.status_code == 200
    assert answer.content.startswith(start)
    assert bool(answer.content) == bool(start)


async def test_a_slow_first_token_comes_after_the_headers(post: Post, tongue: Tongue) -> None:
    raw = await opened(post, tongue, "chat+slow(80ms)")
    await raw.read_until(b"\r\n\r\n")
    assert (raw.status, pieces(raw, tongue)) == (200, 0)
    await raw.read_until(tongue.finish)


async def test_a_stream_that_waits_gives_signs_of_life(post: Post, tongue: Tongue) -> None:
    raw = await opened(post, tongue, "chat+tokens(4)+slow(90ms)+stall(2,50ms)+ping(20ms)")
    await raw.read_until(tongue.finish)
    opening = 1 if tongue is ANTHROPIC else 0  # Anthropic pings at the beginning anyway
    assert raw.received.count(tongue.ping) == opening + 4 + 2


async def test_the_mark_of_the_end_can_be_left_out(http: httpx.AsyncClient, tongue: Tongue) -> None:
    with_mark, without = [(await tongue.stream(http, model)).content for model in ("chat", "chat+nodone")]
    assert tongue.finish in without
    assert with_mark.endswith(b"}\r\n\r\n") if tongue is GEMINI else tongue.done in with_mark
    assert tongue is GEMINI or tongue.done not in without


async def test_hold_leaves_the_finished_stream_open(post: Post, tongue: Tongue) -> None:
    raw = await opened(post, tongue, "chat+hold")
    await raw.read_until(tongue.finish)
    await raw.stays_silent(0.01)
    assert await raw.stays_silent(BRIEFLY)
    assert raw.ending is None
    assert tongue is GEMINI or tongue.done not in raw.received


async def test_noprefix_refuses_only_what_ends_with_the_assistant(http: httpx.AsyncClient, tongue: Tongue) -> None:
    led: dict[str, Any] = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    if tongue is not ANTHROPIC:
        led = {"contents": [{"parts": [{"text": "a"}]}, {"role": "model", "parts": [{"text": "b"}]}]}
    assert (await tongue.ask(http, "chat+noprefix")).status_code == 200
    assert (await tongue.ask(http, "chat+noprefix", **led)).status_code == 400
    assert (await tongue.ask(http, "chat", **led)).status_code == 200


async def test_a_sequence_counts_the_requests_of_its_name(http: httpx.AsyncClient, tongue: Tongue) -> None:
    model = "chat+first(2,delay(1ms)+status(500))"
    assert [(await tongue.ask(http, model)).status_code for _ in range(3)] == [500, 500, 200]


@pytest.mark.parametrize(
    ("reason", "anthropic", "gemini"),
    [("content_filter", "refusal", "SAFETY"), ("length", "max_tokens", "MAX_TOKENS"), ("pause_turn",) * 3],
)
async def test_a_finish_reason_is_said_in_the_protocols_words(
    http: httpx.AsyncClient, tongue: Tongue, reason: str, anthropic: str, gemini: str
) -> None:
    answer = (await tongue.ask(http, f"chat+finish({reason})")).json()
    stream = (await tongue.stream(http, f"chat+finish({reason})")).content
    said = answer["stop_reason"] if tongue is ANTHROPIC else answer["candidates"][0]["finishReason"]
    assert said == (anthropic if tongue is ANTHROPIC else gemini)
    assert f'"{said}"'.encode() in stream


async def test_a_bad_request_is_refused_whatever_the_script(http: httpx.AsyncClient, tongue: Tongue) -> None:
    answer = await tongue.ask(http, "chat+status(500)", temprature=1)
    assert answer.status_code == 400
    assert "temprature" in answer.json()["error"]["message"]


async def test_an_unknown_fault_is_refused_by_name(http: httpx.AsyncClient, tongue: Tongue) -> None:
    answer = await tongue.ask(http, "chat+explode")
    assert answer.status_code == 400
    assert "unknown fault 'explode'" in answer.json()["error"]["message"]


async def test_rules_strike_in_every_protocol(http: httpx.AsyncClient, tongue: Tongue) -> None:
    await http.put("/control/faults", json=[{"model": "ch?t", "fault": "status(503)"}])
    assert (await tongue.ask(http, "chat")).status_code == 503
    assert (await tongue.ask(http, "other")).status_code == 200


async def test_the_log_counts_what_was_sent(http: httpx.AsyncClient, tongue: Tongue) -> None:
    answer = await tongue.stream(http, "chat+tokens(12)")
    [entry] = (await http.get("/control/requests")).json()["requests"]
    assert (entry["chunks"], entry["bytes"], entry["status"]) == (12, len(answer.content), 200)
    assert (entry["model"], entry["stream"], entry["ending"]) == ("chat+tokens(12)", True, "answered")
