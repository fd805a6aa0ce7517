"""Recorded bytes of real providers, over HTTP split at random, come out of a real client as what they mean."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from mainstay import ChatClient, MainstayError
from mainstay import v1 as pb
from tests.kit.recordings import recording
from tests.kit.replay import Replayed, replaying
from tests.kit.service import client_of

STREAMS = [
    "deepseek-stream-488a1db3e90c",  # reasoning
    "azure-stream-7f72626ce280",  # chunks without choices, a choice without a delta
    "openrouter-stream-74a1fb935a02",  # comments
    "dashscope-stream-aa2a7bf47248",  # Chinese
    "dashscope-stream-de523369b1af",  # a tool call in fragments whose later ids and names are ""
    "openai-stream-af4562b6657b",  # two tool calls
]
WHOLE = [
    "dashscope-json-eacd7f66e25c",  # Chinese
    "deepseek-json-71f4052e59d5",  # a tool call
    "openai-json-bb3aac4c9604",  # a tool call that ends with "stop"
]
ERROR = "openai-json-203ffd2fc367"
QUESTION = "as recorded"


def split_at_random(body: bytes) -> Iterator[bytes]:
    """Pieces of 1 to 400 bytes, the same ones every time: also in the middle of a character."""
    dice = random.Random(20261120)
    while body:
        size = dice.randint(1, 400)
        yield body[:size]
        body = body[size:]


def replay_of(recorded: dict[str, Any]) -> Replayed:
    response = recorded["response"]
    body = response["body"].encode()
    return Replayed(response["status"], {"content-type": response["content_type"]}, body, split_at_random)


async def answer_of(client: ChatClient, *, streamed: bool) -> pb.ChatResponse:
    if not streamed:
        return await client.chat(QUESTION)
    async with client.stream(QUESTION) as stream:
        async for _ in stream:
            pass
    return stream.response


def told(response: pb.ChatResponse) -> dict[str, object]:
    parts = response.message.parts
    calls = [part.tool_call for part in parts if part.HasField("tool_call")]
    return {
        "text": "".join(part.text for part in parts),
        "reasoning": "".join(part.reasoning.text for part in parts),
        "tool_calls": [(call.id, call.name, json.loads(call.arguments_json)) for call in calls],
        "finish_reason": response.provider_finish_reason,
        "prompt": response.usage.input_tokens,
        "completion": response.usage.output_tokens,
    }


def expected_of(recorded: dict[str, Any]) -> dict[str, object]:
    expected = recorded["expected"]
    calls = [(call["id"], call["name"], call["arguments"]) for call in expected["tool_calls"]]
    usage = {name: (expected["usage"] or {}).get(name, 0) for name in ("prompt", "completion")}
    same = {name: expected[name] for name in ("text", "reasoning", "finish_reason")}
    return {**same, "tool_calls": calls, **usage}


@pytest.mark.parametrize("id", [*STREAMS, *WHOLE])
async def test_a_recorded_answer_comes_out_as_it_was_meant(id: str) -> None:
    recorded = recording(id)
    async with replaying(replay_of(recorded)) as url, client_of(url) as client:
        response = await answer_of(client, streamed=recorded["stream"])
    assert told(response) == expected_of(recorded)
    calls = bool(recorded["expected"]["tool_calls"])
    assert response.finish_reason == (pb.FINISH_REASON_TOOL_CALLS if calls else pb.FINISH_REASON_STOP)


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "stream"])
async def test_a_recorded_error_comes_out_as_its_kind(streamed: bool) -> None:
    recorded = recording(ERROR)
    async with replaying(replay_of(recorded)) as url, client_of(url) as client:
        with pytest.raises(MainstayError) as caught:
            await answer_of(client, streamed=streamed)
    assert caught.value.reason == "INVALID_REQUEST"
    assert recorded["expected"]["error"]["message"][:60] in str(caught.value)


@pytest.mark.parametrize("id", STREAMS)
async def test_every_split_of_the_bytes_says_the_same(id: str) -> None:
    """One byte a read is the worst of them: 2,000 bytes of it, so that the test stays quick."""
    recorded = recording(id)
    replayed = replay_of(recorded)
    replayed.pieces = lambda body: [body[:-2000], *(bytes([byte]) for byte in body[-2000:])]
    async with replaying(replayed) as url, client_of(url) as client:
        assert told(await answer_of(client, streamed=True)) == expected_of(recorded)
