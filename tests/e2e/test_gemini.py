"""Gemini's own protocol from a real client to recorded bytes and back: what it signs returns to it as it was."""

from collections.abc import Iterator

import orjson
import pytest

from mainstay import MainstayError
from mainstay import v1 as pb
from tests.kit.recordings import recording
from tests.kit.replay import Replayed, replaying
from tests.kit.service import client_of
from tests.providers.gemini.chunks import array, call, candidate, sse, text, thought

KEY = "AIzaCanaryOfThisTest"
EVENTS, JSON = {"content-type": "text/event-stream"}, {"content-type": "application/json"}
USAGE = {"promptTokenCount": 5, "candidatesTokenCount": 3, "thoughtsTokenCount": 9}
SAID = [text("Let me see."), call("weather", {"city": "Rome"}, thoughtSignature="c2ln")]
STREAM = (
    candidate(thought("Rome?")),
    candidate(SAID[0]),
    candidate(SAID[1], finish="STOP", usageMetadata=USAGE),
)
TOOL = pb.Tool(name="weather", parameters_json='{"type":"object","properties":{"city":{"type":"string"}}}')
QUESTION = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="Is it raining in Rome?")])


def threes(body: bytes) -> Iterator[bytes]:
    """In pieces of three bytes."""
    for start in range(0, len(body), 3):
        yield body[start : start + 3]


def asked(*messages: pb.Message) -> pb.ChatRequest:
    return pb.ChatRequest(model="default", messages=messages, tools=[TOOL])


async def streamed(provider: Replayed, request: pb.ChatRequest) -> pb.ChatResponse:
    async with (
        replaying(provider) as url,
        client_of(url, protocol="gemini", auth="x-goog-api-key", api_key=KEY) as client,
        client.stream(request) as stream,
    ):
        async for _ in stream:
            pass
        return stream.response


@pytest.mark.parametrize("framed", [sse, array])
async def test_a_loop_of_tools_goes_round(framed: object) -> None:
    body = array(*STREAM) if framed is array else sse(*STREAM)
    provider = Replayed(200, JSON if framed is array else EVENTS, body, threes)
    answer = await streamed(provider, asked(QUESTION))
    assert answer.finish_reason == pb.FINISH_REASON_TOOL_CALLS
    assert answer.usage == pb.Usage(input_tokens=5, output_tokens=12, reasoning_tokens=9)
    assert [part.WhichOneof("content") for part in answer.message.parts] == ["reasoning", "text", "tool_call"]

    result = pb.ToolResult(tool_call_id=answer.message.parts[2].tool_call.id, text='{"rain": true}')
    results = pb.Message(role=pb.ROLE_TOOL, parts=[pb.Part(tool_result=result)])
    end = Replayed(200, EVENTS, sse(candidate(text("It is."), finish="STOP", usageMetadata=USAGE)))
    last = await streamed(end, asked(QUESTION, answer.message, results))

    assert [part.text for part in last.message.parts] == ["It is."]
    assert orjson.loads(end.requests[0])["contents"][1:] == [
        {"role": "model", "parts": SAID},
        {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"rain": True}}}]},
    ]


async def test_the_key_travels_in_its_header_and_nowhere_else() -> None:
    provider = Replayed(200, EVENTS, sse(*STREAM))
    await streamed(provider, asked(QUESTION))
    first, *headers = provider.heads[0].splitlines()
    assert first == "POST /v1/models/chat:streamGenerateContent?alt=sse HTTP/1.1"
    assert f"x-goog-api-key: {KEY}" in headers
    assert provider.heads[0].count(KEY) == 1
    assert KEY.encode() not in provider.requests[0]


@pytest.mark.parametrize(
    "id",
    [
        "vertex-stream-d930fcd7eec4",  # thoughts, text, a signature at the end
        "gemini-stream-e0ca2444cbe1",  # thoughts and a call
        "gemini-stream-abbd2130643f",  # an array, and numbers for words
        "vertex-stream-92f4cbc8a1a3",  # Chinese, STOP with every chunk, no counts
        "gemini-stream-5b5ac48ea15f",  # text behind a finish reason
        "vertex-json-f7b8c8c4cd6e",  # two calls in a whole answer
    ],
)
async def test_a_recorded_answer_comes_out_as_it_was_meant(id: str) -> None:
    recorded = recording(id)
    response, expected = recorded["response"], recorded["expected"]
    provider = Replayed(200, {"content-type": response["content_type"]}, response["body"].encode(), threes)
    if recorded["stream"]:
        said = await streamed(provider, asked(QUESTION))
    else:
        async with replaying(provider) as url, client_of(url, protocol="gemini") as client:
            said = await client.chat(asked(QUESTION))
    parts = said.message.parts
    assert "".join(part.text for part in parts) == expected["text"]
    assert "".join(part.reasoning.text for part in parts) == expected["reasoning"]
    assert [part.tool_call.name for part in parts if part.HasField("tool_call")] == [
        called["name"] for called in expected["tool_calls"]
    ]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}}, "INVALID_REQUEST"),
        (200, {"promptFeedback": {"blockReason": "SAFETY"}}, "CONTENT_FILTERED"),
        (200, candidate(finish="MALFORMED_FUNCTION_CALL"), "MALFORMED"),
    ],
)  # fmt: skip
async def test_a_failure_comes_out_as_its_kind(status: int, body: object, reason: str) -> None:
    provider = Replayed(status, JSON, orjson.dumps(body))
    async with replaying(provider) as url, client_of(url, protocol="gemini", route=ONCE) as client:
        with pytest.raises(MainstayError) as caught:
            await client.chat("hello")
    assert caught.value.reason == reason


ONCE = {"tries": {"first": 1, "later": 1}, "degrade": False}
