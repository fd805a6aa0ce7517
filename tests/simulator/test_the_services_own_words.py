"""The service's encoders and decoders against the simulator: two readings of a protocol, neither from the other."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.chat.fold import Fold
from service.providers.catalog import ROWS, Row

pytestmark = pytest.mark.anyio
SCHEMA = '{"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false}'
TOOL = pb.Tool(name="get_weather", parameters_json=SCHEMA)
HIGH = pb.ReasoningOptions(effort=pb.REASONING_EFFORT_HIGH, include_text=True)
PREFIXES = {"anthropic": "/v1", "gemini": "/v1beta", "deepseek": "/v1", "vertex-anthropic": "/v1/publishers/anthropic"}
SPEAKERS = [
    ("anthropic", "claude-haiku-4-5"),
    ("anthropic", "claude-sonnet-4-6"),
    ("anthropic", "claude-opus-5-5"),
    ("vertex-anthropic", "claude-haiku-4-5@20251001"),
    ("gemini", "gemini-3.8-flash"),
    ("gemini", "gemini-2.5-flash"),
    ("deepseek", "deepseek-v4-pro"),
]
either = pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
everybody = pytest.mark.parametrize(("vendor", "model"), SPEAKERS, ids=lambda name: name)


class Speaker:
    """A vendor of the catalog, played by the simulator."""

    def __init__(self, http: httpx.AsyncClient, vendor: str) -> None:
        self._http = http
        self._row: Row = ROWS[vendor]
        self._prefix = PREFIXES[vendor]
        self._wire = self._row.wire(vendor)

    async def ask(self, request: pb.ChatRequest, model: str, *, stream: bool) -> tuple[pb.Message, pb.ChatResponse]:
        """The message and what completed it. Raises Failure."""
        asked = self._wire.encode(request, model, stream=stream)
        headers = {"content-type": "application/json", **self._row.headers}
        async with self._http.stream("POST", self._prefix + asked.path, content=asked.body, headers=headers) as answer:
            if answer.status_code != 200:
                raise self._wire.failure(answer.status_code, answer.headers, await answer.aread())
            fold, completed = Fold(), pb.ChatResponse()
            async for event in self._events(answer, request, stream=stream):
                fold.add(event)
                completed = event.completed
        return fold.message(), completed

    async def _events(
        self, answer: httpx.Response, request: pb.ChatRequest, *, stream: bool
    ) -> AsyncIterator[pb.ChatEvent]:
        if not stream:
            for event in self._wire.decode(await answer.aread()):
                yield event
            return
        decoder = self._wire.stream_decoder(request)
        async for data in answer.aiter_bytes():
            for event in decoder.feed(data):
                yield event
        for event in decoder.end():
            yield event


def question(text: str, **more: Any) -> pb.ChatRequest:
    request = pb.ChatRequest(**more)
    request.messages.add(role=pb.ROLE_SYSTEM).parts.add(text="Be brief.")
    request.messages.add(role=pb.ROLE_USER).parts.add(text=text)
    return request


def kinds(message: pb.Message) -> list[str | None]:
    return [part.WhichOneof("content") for part in message.parts]


def text_of(message: pb.Message) -> str:
    return "".join(part.text for part in message.parts)


@everybody
@either
async def test_a_question_is_answered_at_its_cost(
    http: httpx.AsyncClient, vendor: str, model: str, stream: bool
) -> None:
    request = question("hello", temperature=0.5, max_output_tokens=9000, stop=["never said"])
    message, completed = await Speaker(http, vendor).ask(request, model, stream=stream)
    assert text_of(message).startswith("This answer is simulated")
    assert completed.finish_reason == pb.FINISH_REASON_STOP
    assert completed.usage.input_tokens > 0
    assert completed.usage.output_tokens > 10


@everybody
@either
async def test_a_loop_of_tools_with_thoughts_goes_round(
    http: httpx.AsyncClient, vendor: str, model: str, stream: bool
) -> None:
    speaker = Speaker(http, vendor)
    request = question("get_weather", tools=[TOOL], reasoning=HIGH)
    for round in range(2):
        message, completed = await speaker.ask(request, model, stream=stream)
        assert kinds(message) == ["reasoning", "tool_call"]
        assert message.parts[0].reasoning.text
        assert completed.finish_reason == pb.FINISH_REASON_TOOL_CALLS
        assert completed.usage.reasoning_tokens > 0
        call = message.parts[-1].tool_call
        assert (call.name, call.arguments_json) == ("get_weather", '{"city":"simulated city"}')
        request.messages.append(message)
        result = pb.ToolResult(tool_call_id=call.id, text=f"rain {round}")
        request.messages.add(role=pb.ROLE_TOOL).parts.add(tool_result=result)
        request.messages.add(role=pb.ROLE_USER).parts.add(text="once more: get_weather")
    del request.messages[-1]
    message, completed = await speaker.ask(request, model, stream=stream)
    assert "get_weather returned: rain 1" in text_of(message)
    assert completed.finish_reason == pb.FINISH_REASON_STOP


async def test_a_call_that_was_altered_on_the_way_is_refused(http: httpx.AsyncClient) -> None:
    speaker = Speaker(http, "gemini")
    request = question("get_weather", tools=[TOOL], reasoning=HIGH)
    message, _ = await speaker.ask(request, "gemini-3.8-flash", stream=True)
    call = message.parts[-1].tool_call
    call.arguments_json = call.arguments_json.replace("simulated", "another")
    request.messages.append(message)
    result = pb.ToolResult(tool_call_id=call.id, text="rain")
    request.messages.add(role=pb.ROLE_TOOL).parts.add(tool_result=result)
    with pytest.raises(Failure) as caught:
        await speaker.ask(request, "gemini-3.8-flash", stream=True)
    assert "Thought signature is not valid" in str(caught.value)


@pytest.mark.parametrize(
    ("vendor", "model"),
    [("anthropic", "claude-haiku-4-5"), ("anthropic", "claude-opus-5-5"), ("gemini", "gemini-3.8-flash")],
)
@either
async def test_an_answer_has_the_form_that_was_asked_for(
    http: httpx.AsyncClient, vendor: str, model: str, stream: bool
) -> None:
    schema = pb.JsonSchemaFormat(name="place", schema_json=SCHEMA)
    request = question("where?", response_format=pb.ResponseFormat(json_schema=schema))
    message, _ = await Speaker(http, vendor).ask(request, model, stream=stream)
    assert text_of(message) == '{"city":"simulated city"}'


@pytest.mark.parametrize(
    ("vendor", "fault", "kind"),
    [
        ("anthropic", "status(529)", pb.FAILURE_KIND_OVERLOADED),
        ("anthropic", "status(429,retry-after=2)", pb.FAILURE_KIND_RATE_LIMITED),
        ("anthropic", "status(401)", pb.FAILURE_KIND_BAD_CREDENTIALS),
        ("anthropic", "status(404)", pb.FAILURE_KIND_MODEL_NOT_FOUND),
        ("anthropic", "errorevent(3)", pb.FAILURE_KIND_OVERLOADED),
        ("gemini", "status(503)", pb.FAILURE_KIND_OVERLOADED),
        ("gemini", "status(429,retry-after=2)", pb.FAILURE_KIND_RATE_LIMITED),
        ("gemini", "status(400,code=API_KEY_INVALID)", pb.FAILURE_KIND_BAD_CREDENTIALS),
        ("gemini", "status(404)", pb.FAILURE_KIND_MODEL_NOT_FOUND),
        ("gemini", "errorevent(3)", pb.FAILURE_KIND_OVERLOADED),
    ],
)
async def test_a_failure_is_understood(
    http: httpx.AsyncClient, vendor: str, fault: str, kind: pb.FailureKind.ValueType
) -> None:
    with pytest.raises(Failure) as caught:
        await Speaker(http, vendor).ask(question("hello"), f"chat+{fault}", stream=True)
    assert caught.value.kind == kind
    if "retry-after" in fault:
        assert caught.value.retry_after == 2
