"""Each fault, seen by a client that looks at the bytes."""

import json
import time
from collections.abc import Awaitable, Callable

import httpx
import pytest

from tests.simulator.raw import Raw, body_of, events, log_once_idle, text_of

pytestmark = pytest.mark.anyio
Post = Callable[..., Awaitable[Raw]]
BRIEFLY = 0.04


def streamed(model: str) -> dict[str, object]:
    return body_of(model, stream=True)


async def test_a_status_brings_its_headers_and_an_openai_error(http: httpx.AsyncClient) -> None:
    model = "chat+status(429,retry-after=2,code=slow_down,message=Not so fast)"
    answer = await http.post("/v1/chat/completions", json=body_of(model))
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "2"
    assert answer.json() == {
        "error": {"message": "Not so fast", "type": "requests", "param": None, "code": "slow_down"}
    }


async def test_a_delay_holds_back_even_the_headers(post: Post) -> None:
    began = time.monotonic()
    raw = await post(streamed("chat+delay(80ms)"))
    assert await raw.stays_silent(BRIEFLY)
    await raw.read_until(b"[DONE]")
    assert time.monotonic() - began >= 0.08


async def test_silence_never_answers(post: Post, http: httpx.AsyncClient) -> None:
    raw = await post(streamed("chat+silence"))
    assert await raw.stays_silent(BRIEFLY)
    assert (await http.get("/control/requests")).json()["open_requests"] == 1


async def test_a_reset_is_a_tcp_reset_without_a_byte(post: Post) -> None:
    raw = await post(body_of("chat+reset"))
    await raw.read_to_end()
    assert (raw.ending, raw.received) == ("reset", b"")


async def test_a_reset_can_come_in_the_middle_of_a_stream(post: Post) -> None:
    raw = await post(streamed("chat+tokens(60)+reset(7)"))
    await raw.read_to_end()
    assert (raw.ending, raw.pieces, raw.terminated) == ("reset", 7, False)


@pytest.mark.parametrize("after", [0, 40, 59])
async def test_a_cut_closes_after_so_many_chunks_without_the_end_of_the_body(post: Post, after: int) -> None:
    raw = await post(streamed(f"chat+tokens(60)+cut({after})"))
    await raw.read_to_end()
    assert (raw.ending, raw.pieces, raw.terminated) == ("closed", after, False)
    assert b'"finish_reason":"stop"' not in raw.received


async def test_a_cut_beyond_the_answer_comes_before_its_finish(post: Post) -> None:
    raw = await post(streamed("chat+tokens(5)+cut(40)"))
    await raw.read_to_end()
    assert (raw.pieces, raw.terminated) == (5, False)
    assert b'"finish_reason":"stop"' not in raw.received


async def test_a_cut_breaks_a_whole_answer_in_its_middle(http: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection"):
        await http.post("/v1/chat/completions", json=body_of("chat+cut(3)"))


async def test_a_stall_is_silent_after_so_many_chunks_and_then_goes_on(post: Post) -> None:
    raw = await post(streamed("chat+tokens(20)+stall(10,80ms)"))
    await raw.read_until(b'"content":', times=11)  # the role chunk has one as well
    assert await raw.stays_silent(BRIEFLY)
    assert raw.pieces == 10
    await raw.read_until(b"[DONE]")
    assert raw.pieces == 20


async def test_a_malformed_chunk_comes_between_the_others_and_the_text_is_whole(
    post: Post, http: httpx.AsyncClient
) -> None:
    raw = await post(streamed("chat+malformed(5)"))
    await raw.read_until(b"[DONE]")
    found = events(raw.received)
    assert [n for n, event in enumerate(found) if isinstance(event, str)] == [6, len(found) - 1]
    whole = await http.post("/v1/chat/completions", json=body_of("chat"))
    assert text_of(raw.received) == whole.json()["choices"][0]["message"]["content"]


async def test_a_malformed_whole_answer_is_not_json(http: httpx.AsyncClient) -> None:
    answer = await http.post("/v1/chat/completions", json=body_of("chat+malformed(0)"))
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_an_error_event_ends_the_stream_without_a_finish(post: Post) -> None:
    raw = await post(streamed("chat+errorevent(3)"))
    await raw.read_until(b"0\r\n\r\n")
    assert raw.pieces == 3
    last = events(raw.received)[-1]
    assert isinstance(last, dict)
    assert last["error"]["type"] == "server_error"


async def test_a_slow_first_token_sends_headers_and_role_at_once(post: Post) -> None:
    raw = await post(streamed("chat+slow(80ms)"))
    await raw.read_until(b'"role":"assistant"')
    assert await raw.stays_silent(BRIEFLY)
    assert raw.pieces == 0
    await raw.read_until(b"[DONE]")


@pytest.mark.parametrize(
    ("model", "kind", "start"),
    [
        ("chat+error200", "application/json", b'{"error":'),
        ("chat+html200", "text/html", b"<!doctype html>"),
        ("chat+empty200", "application/json", b""),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_status_200_can_come_without_an_answer(
    http: httpx.AsyncClient, model: str, kind: str, start: bytes, stream: bool
) -> None:
    answer = await http.post("/v1/chat/completions", json=body_of(model, stream=stream))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == kind
    assert answer.content.startswith(start)
    assert bool(answer.content) == bool(start)


async def test_a_stream_that_waits_sends_comments(post: Post) -> None:
    raw = await post(streamed("chat+tokens(4)+slow(90ms)+stall(2,50ms)+ping(20ms)"))
    await raw.read_until(b"[DONE]")
    before, _, after = raw.received.partition(b'"content":"This')
    assert (before.count(b": PROCESSING\n\n"), after.count(b": PROCESSING\n\n")) == (4, 2)
    assert raw.pieces == 4


async def test_thoughts_come_before_the_answer_and_are_counted(post: Post, http: httpx.AsyncClient) -> None:
    model = "chat+think(5)+tokens(3)"
    raw = await post(body_of(model, stream=True))
    await raw.read_until(b"[DONE]")
    deltas = [event["choices"][0]["delta"] for event in events(raw.received) if isinstance(event, dict)]
    kinds = ["thought" if "reasoning_content" in delta else "text" for delta in deltas[1:-1]]
    assert kinds == ["thought"] * 5 + ["text"] * 3
    whole = (await http.post("/v1/chat/completions", json=body_of(model))).json()
    thoughts = "".join(delta.get("reasoning_content", "") for delta in deltas)
    assert whole["choices"][0]["message"]["reasoning_content"] == thoughts
    assert whole["usage"]["completion_tokens"] == 8
    assert whole["usage"]["completion_tokens_details"] == {"reasoning_tokens": 5}


async def test_a_finish_reason_can_be_asked_for(post: Post, http: httpx.AsyncClient) -> None:
    raw = await post(streamed("chat+finish(content_filter)"))
    await raw.read_until(b'"finish_reason":"content_filter"')
    whole = (await http.post("/v1/chat/completions", json=body_of("chat+finish(content_filter)"))).json()
    assert whole["choices"][0]["finish_reason"] == "content_filter"


async def test_nodone_ends_the_body_properly_without_the_mark(post: Post) -> None:
    raw = await post(streamed("chat+nodone"))
    await raw.read_until(b"0\r\n\r\n")
    assert b'"finish_reason":"stop"' in raw.received
    assert b"[DONE]" not in raw.received


async def test_hold_leaves_the_finished_stream_open(post: Post) -> None:
    raw = await post(streamed("chat+hold"))
    await raw.read_until(b'"finish_reason":"stop"')
    assert await raw.stays_silent(BRIEFLY)
    assert b"[DONE]" not in raw.received
    assert raw.ending is None


async def test_noprefix_refuses_only_a_conversation_that_ends_with_the_assistant(
    http: httpx.AsyncClient,
) -> None:
    plain = body_of("chat+noprefix")
    led = body_of("chat+noprefix")
    led["messages"].append({"role": "assistant", "content": "This answer"})
    assert (await http.post("/v1/chat/completions", json=plain)).status_code == 200
    assert (await http.post("/v1/chat/completions", json=led)).status_code == 400


async def test_a_sequence_strikes_the_first_requests_of_that_name_only(http: httpx.AsyncClient) -> None:
    async def ask(model: str) -> int:
        return (await http.post("/v1/chat/completions", json=body_of(model))).status_code

    model = "chat+first(2,delay(1ms)+status(500))"
    assert [await ask(model) for _ in range(3)] == [500, 500, 200]
    assert await ask("other+first(2,status(503))") == 503


async def test_the_pace_is_kept_between_tokens(post: Post) -> None:
    began = time.monotonic()
    raw = await post(streamed("chat+tokens(6)+pace(10ms)"))
    await raw.read_until(b"[DONE]")
    assert time.monotonic() - began >= 0.05


@pytest.mark.parametrize("model", ["silence", "delay(60)", "tokens(9)+stall(3,60)", "slow(60)", "hold"])
async def test_a_client_that_leaves_is_noticed_within_100_ms(post: Post, http: httpx.AsyncClient, model: str) -> None:
    raw = await post(streamed(f"chat+{model}"))
    await raw.stays_silent(BRIEFLY)
    left = time.time()
    await raw.leave()
    log = await log_once_idle(http)
    [entry] = log["requests"]
    assert (entry["ending"], entry["disconnected"]) == ("client_left", True)
    assert entry["ended"] - left < 0.1
    assert log["open_connections"] == 0
