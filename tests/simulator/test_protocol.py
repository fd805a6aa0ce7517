"""The OpenAI protocol over HTTP: whole answers, streams, tools, usage, errors."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest

from service.simulator.serve import running
from tests.simulator.conftest import AT_ONCE
from tests.simulator.raw import body_of, events, text_of

pytestmark = pytest.mark.anyio
CHAT = "/v1/chat/completions"
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": name,
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string"}},
                "required": ["city"],
            },
        },
    }
    for name in ("get_weather", "get_time")
]


async def stream(http: httpx.AsyncClient, body: dict[str, Any]) -> bytes:
    answer = await http.post(CHAT, json={**body, "stream": True})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    return answer.content


def calls_of(data: bytes) -> tuple[list[dict[str, Any]], list[int]]:
    """The tool calls of a stream put together, and how many fragments each had."""
    calls: list[dict[str, Any]] = []
    counts: list[int] = []
    for event in events(data):
        if isinstance(event, dict) and event["choices"]:
            for fragment in event["choices"][0]["delta"].get("tool_calls", []):
                if fragment["index"] == len(calls):
                    calls.append({**fragment["function"], "id": fragment["id"]})
                    counts.append(1)
                else:
                    calls[-1]["arguments"] += fragment["function"]["arguments"]
                    counts[-1] += 1
    return calls, counts


async def test_whole_and_streamed_answers_say_the_same_at_the_same_cost(http: httpx.AsyncClient) -> None:
    body = body_of("chat", "what is machine learning?")
    whole = (await http.post(CHAT, json=body)).json()
    data = await stream(http, {**body, "stream_options": {"include_usage": True}})
    *_, last, done = events(data)
    assert isinstance(last, dict)
    assert (last["choices"], done) == ([], "[DONE]")
    assert last["usage"] == whole["usage"]
    assert text_of(data) == whole["choices"][0]["message"]["content"]
    usage = whole["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"] > 20


async def test_the_same_request_gets_the_same_bytes(http: httpx.AsyncClient) -> None:
    body = body_of("chat", "twice")
    assert await stream(http, body) == await stream(http, body)
    assert await stream(http, body) != await stream(http, body_of("chat", "once"))


async def test_a_stream_tells_usage_only_when_asked(http: httpx.AsyncClient) -> None:
    assert b"usage" not in await stream(http, body_of("chat"))


async def test_max_tokens_ends_an_answer_with_length(http: httpx.AsyncClient) -> None:
    answer = (await http.post(CHAT, json=body_of("chat", max_tokens=3))).json()
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 3


async def test_tool_calls_are_streamed_name_first_and_arguments_in_fragments(http: httpx.AsyncClient) -> None:
    body = body_of("chat", "use get weather and get_time", tools=TOOLS)
    whole = (await http.post(CHAT, json=body)).json()["choices"][0]
    data = await stream(http, body)
    calls, counts = calls_of(data)
    assert [call["name"] for call in calls] == ["get_weather", "get_time"]
    assert all(json.loads(call["arguments"]) == {"city": "simulated city"} for call in calls)
    assert min(counts) > 2
    assert b'"arguments":""' in data
    assert b'"finish_reason":"tool_calls"' in data
    assert [c["function"]["arguments"] for c in whole["message"]["tool_calls"]] == [c["arguments"] for c in calls]
    assert [c["id"] for c in whole["message"]["tool_calls"]] == [c["id"] for c in calls]


async def test_a_tool_call_can_come_in_one_chunk(http: httpx.AsyncClient) -> None:
    body = body_of("chat+wholecall", tools=TOOLS, tool_choice="required")
    calls, counts = calls_of(await stream(http, body))
    assert (len(calls), counts) == (1, [1])
    assert json.loads(calls[0]["arguments"]) == {"city": "simulated city"}


async def test_the_answer_after_a_tool_result_quotes_it(http: httpx.AsyncClient) -> None:
    asked = body_of("chat", "use get_weather", tools=TOOLS)
    message = (await http.post(CHAT, json=asked)).json()["choices"][0]["message"]
    result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "rain, 9 °C"}
    asked["messages"] += [message, result]
    answer = (await http.post(CHAT, json=asked)).json()["choices"][0]
    assert "get_weather returned: rain, 9 °C" in answer["message"]["content"]
    assert answer["finish_reason"] == "stop"


async def test_a_bad_request_is_refused_in_openai_shape_whatever_the_script(http: httpx.AsyncClient) -> None:
    answer = await http.post(CHAT, json=body_of("chat+status(500)", temprature=1))
    assert answer.status_code == 400
    assert answer.json()["error"] == {
        "message": "Unknown parameter: 'temprature'.",
        "type": "invalid_request_error",
        "param": "temprature",
        "code": "unknown_parameter",
    }


async def test_an_unknown_fault_is_refused_by_name(http: httpx.AsyncClient) -> None:
    answer = await http.post(CHAT, json=body_of("chat+explode"))
    assert answer.status_code == 400
    assert "unknown fault 'explode'" in answer.json()["error"]["message"]


async def test_a_body_beyond_the_limit_is_refused(http: httpx.AsyncClient) -> None:
    answer = await http.post(CHAT, content=b" " * (64 * 1024**2 + 1))
    assert (answer.status_code, answer.json()["error"]["type"]) == (413, "invalid_request_error")


async def test_unknown_paths_answer_in_openai_shape(http: httpx.AsyncClient) -> None:
    answer = await http.get("/v1/nothing")
    assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")


async def test_models_and_health_are_served(http: httpx.AsyncClient) -> None:
    assert [model["id"] for model in (await http.get("/v1/models")).json()["data"]] == ["chat"]
    assert (await http.get("/healthz")).json() == {"status": "ok"}


@pytest.mark.parametrize(("key", "status"), [("right", 200), ("wrong", 401), (None, 401)])
async def test_a_demanded_key_must_be_right(key: str | None, status: int) -> None:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with (
        running(replace(AT_ONCE, api_key="right")) as url,
        httpx.AsyncClient(trust_env=False) as client,
    ):
        answer = await client.post(f"{url}/chat/completions", json=body_of("chat"), headers=headers)
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["error"]["code"] == "invalid_api_key"


async def test_an_address_of_azures_names_the_model(http: httpx.AsyncClient) -> None:
    answer = await http.post(
        "/openai/deployments/mine+status(503)/chat/completions", json={"messages": body_of("")["messages"]}
    )
    assert answer.status_code == 503
    answer = await http.post("/openai/deployments/mine/chat/completions", json=body_of("named"))
    assert answer.json()["model"] == "named"
