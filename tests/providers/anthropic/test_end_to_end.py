"""A provider of this protocol behind the whole service: real HTTP, real gRPC, recorded and scripted answers."""

from typing import Any

import orjson
import pytest

from mainstay import ChatClient, MainstayError
from mainstay import v1 as pb
from tests.kit.recordings import recording
from tests.kit.replay import Replayed, replaying
from tests.kit.service import PROVIDER, client_of
from tests.providers.anthropic.events import ended, event, start, text, thinking, tool

SPEAKS: dict[str, Any] = {"protocol": "anthropic", "auth": "x-api-key", "api_key": "sk-canary-123456"}
STREAMS = [
    "anthropic-stream-bc73d53b6933",  # a tool call without arguments
    "anthropic-stream-47db43983b6d",  # thoughts that are withheld
    "anthropic-stream-3fbc7871b305",  # hosted search, citations
    "minimax-stream-c3f42f993c30",  # thoughts, Chinese
]
LOOP = start(input_tokens=1) + thinking("Hm.", signature="Eq=") + tool('{"a":1}', index=1) + ended("tool_use")


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Real time: the sockets are real."""
    return "asyncio", {"use_uvloop": True}


def by_bytes(body: bytes) -> list[bytes]:
    """Every byte of the last thousand by itself."""
    return [body[:-1000], *(bytes([byte]) for byte in body[-1000:])]


async def streamed(client: ChatClient, asked: Any = "as recorded") -> pb.ChatResponse:
    async with client.stream(asked) as stream:
        async for _ in stream:
            pass
    return stream.response


@pytest.mark.parametrize("id", STREAMS)
async def test_a_recorded_stream_comes_out_as_it_was_meant(id: str) -> None:
    recorded = recording(id)
    replayed = Replayed(body=recorded["response"]["body"].encode(), pieces=by_bytes)
    async with replaying(replayed) as url, client_of(url, **SPEAKS) as client:
        response = await streamed(client)
    expected = recorded["expected"]
    assert "".join(part.text for part in response.message.parts) == expected["text"]
    assert "".join(part.reasoning.text for part in response.message.parts) == expected["reasoning"]
    assert len(response.message.parts) == len(expected["blocks"])
    assert response.provider_finish_reason == expected["finish_reason"]
    assert response.usage.input_tokens == expected["usage"]["prompt"]


async def test_the_request_goes_where_and_as_the_protocol_says() -> None:
    replayed = Replayed(body=start() + text("Hi") + ended())
    async with replaying(replayed) as url, client_of(url, **SPEAKS) as client:
        await streamed(client, "hello")
    head = replayed.heads[0].lower()
    assert head.startswith("post /v1/messages http/1.1\r\n")
    assert "x-api-key: sk-canary-123456\r\n" in head
    assert "anthropic-version: 2023-06-01\r\n" in head
    assert "authorization" not in head
    assert orjson.loads(replayed.requests[0]) == {
        "model": "chat",
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
    }


async def test_an_operators_own_version_goes_before() -> None:
    replayed = Replayed(body=start() + text("Hi") + ended())
    headers = {"Anthropic-Version": "2026-10-21", "anthropic-beta": "files-api-2025-04-14"}
    async with replaying(replayed) as url, client_of(url, **SPEAKS, headers=headers) as client:
        await streamed(client)
    head = replayed.heads[0].lower()
    assert head.count("anthropic-version") == 1
    assert "anthropic-version: 2026-10-21\r\n" in head
    assert "anthropic-beta: files-api-2025-04-14\r\n" in head


async def test_a_loop_of_tools_goes_round_with_signed_thoughts() -> None:
    replayed = Replayed(body=LOOP)
    async with replaying(replayed) as url, client_of(url, **SPEAKS) as client:
        asked = pb.ChatRequest(model="default", tools=[pb.Tool(name="f")])
        asked.messages.add(role=pb.ROLE_USER).parts.add(text="go")
        response = await streamed(client, asked)
        assert response.finish_reason == pb.FINISH_REASON_TOOL_CALLS
        assert response.message.parts[0].provider_state.issuer == PROVIDER
        asked.messages.append(response.message)
        done = pb.ToolResult(tool_call_id="t1", text="42")
        asked.messages.add(role=pb.ROLE_TOOL).parts.add(tool_result=done)
        replayed.body = start() + text("Done.") + ended()
        await streamed(client, asked)
    assert orjson.loads(replayed.requests[1])["messages"][1:] == [
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "Eq="},
                {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": 1}},
            ],
        },
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "42"}]},
    ]


async def test_a_whole_answer_says_what_was_changed_of_its_question() -> None:
    body = orjson.dumps({"type": "message", "content": [{"type": "text", "text": "Hi"}], "stop_reason": "end_turn"})
    async with replaying(Replayed(body=body)) as url, client_of(url, **SPEAKS) as client:
        asked = pb.ChatRequest(model="default", seed=1)
        asked.messages.add(role=pb.ROLE_USER).parts.add(text="go")
        response = await client.chat(asked)
    assert response.message.parts[0].text == "Hi"
    assert [change.field for change in response.adjustments] == ["seed"]


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (529, {"type": "overloaded_error", "message": "Overloaded"}, "OVERLOADED"),
        (401, {"type": "authentication_error", "message": "invalid x-api-key sk-canary-123456"}, "BAD_CREDENTIALS"),
        (400, {"type": "invalid_request_error", "message": "prompt is too long"}, "CONTEXT_TOO_LONG"),
        (200, {"type": "rate_limit_error", "message": "for key sk-canary-123456"}, "RATE_LIMITED"),
    ],
)
async def test_an_error_comes_out_as_its_kind_and_without_the_key(
    status: int, error: dict[str, str], reason: str
) -> None:
    said = {"type": "error", "error": error, "request_id": "req_1"}
    body = event(said) if status == 200 else orjson.dumps(said)
    once = {"tries": {"first": 1}, "degrade": False}
    async with replaying(Replayed(status=status, body=body)) as url, client_of(url, **SPEAKS, route=once) as client:
        with pytest.raises(MainstayError) as caught:
            await streamed(client)
    assert caught.value.reason == reason
    assert "canary" not in str(caught.value)
    assert "canary" not in str(caught.value.call_failure)
