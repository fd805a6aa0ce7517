"""What is answered, in the protocols beside OpenAI's: whole and streamed, text, tools, schemas, thoughts, usage."""

from typing import Any

import httpx
import pytest

from tests.simulator.tongues import ANTHROPIC, ARRAY, GEMINI, TONGUES, Tongue

pytestmark = pytest.mark.anyio
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
NAMES = ("get_weather", "get_time")
TOOLS = [{"name": name, "input_schema": PARAMETERS} for name in NAMES]
FUNCTIONS = [{"functionDeclarations": [{"name": name, "parametersJsonSchema": PARAMETERS} for name in NAMES]}]
CITY = {"city": "simulated city"}
PICTURE = "iVBORw0KGgoAAAANSUhEUg=="
every = pytest.mark.parametrize("tongue", TONGUES, ids=str)
geminis = pytest.mark.parametrize("tongue", [GEMINI, ARRAY], ids=str)


def usage(tongue: Tongue, answer: dict[str, Any]) -> tuple[int, int, int]:
    """Prompt, answer without thoughts, and thoughts."""
    if tongue is ANTHROPIC:
        said = answer["usage"]
        thoughts = said["output_tokens_details"]["thinking_tokens"]
        return said["input_tokens"], said["output_tokens"] - thoughts, thoughts
    said = answer["usageMetadata"]
    return said["promptTokenCount"], said["candidatesTokenCount"], said.get("thoughtsTokenCount", 0)


def last_usage(tongue: Tongue, data: bytes) -> tuple[int, int, int]:
    return usage(tongue, [chunk for chunk in tongue.chunks(data) if "usage" in chunk or "usageMetadata" in chunk][-1])


@every
async def test_whole_and_streamed_answers_say_the_same_at_the_same_cost(
    http: httpx.AsyncClient, tongue: Tongue
) -> None:
    model, question = "chat+think(7)", "what is machine learning?"
    more: dict[str, Any] = (
        {} if tongue is ANTHROPIC else {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}}
    )
    whole = (await tongue.ask(http, model, question, **more)).json()
    stream = (await tongue.stream(http, model, question, **more)).content
    assert (tongue.text(stream), tongue.thoughts(stream)) == tongue.words(whole)
    assert last_usage(tongue, stream) == usage(tongue, whole)
    assert usage(tongue, whole)[2] == 7


@every
async def test_the_same_request_gets_the_same_bytes(http: httpx.AsyncClient, tongue: Tongue) -> None:
    twice = [(await tongue.stream(http, "chat", "twice")).content for _ in range(2)]
    assert twice[0] == twice[1] != (await tongue.stream(http, "chat", "once")).content


@every
async def test_an_answer_ends_at_its_length(http: httpx.AsyncClient, tongue: Tongue) -> None:
    more: dict[str, Any] = {"max_tokens": 3} if tongue is ANTHROPIC else {"generationConfig": {"maxOutputTokens": 3}}
    answer = (await tongue.ask(http, "chat", **more)).json()
    assert usage(tongue, answer)[1] == 3
    assert (answer.get("stop_reason") or answer["candidates"][0]["finishReason"]).upper() == "MAX_TOKENS"


async def test_anthropic_says_which_stop_text_ended_an_answer(http: httpx.AsyncClient) -> None:
    answer = (await ANTHROPIC.ask(http, "chat", stop_sequences=["model", "is simulated"])).json()
    assert (answer["stop_reason"], answer["stop_sequence"]) == ("stop_sequence", "is simulated")
    assert ANTHROPIC.words(answer)[0] == "This answer "


async def test_an_anthropic_stream_is_framed_block_by_block(http: httpx.AsyncClient) -> None:
    chunks = ANTHROPIC.chunks(
        (await ANTHROPIC.stream(http, "chat+think(2)", "use get_weather, get_time", tools=TOOLS)).content
    )
    kinds = [chunk["type"] for chunk in chunks]
    assert (kinds[:2], kinds[-2:]) == (["message_start", "ping"], ["message_delta", "message_stop"])
    opened = [chunk["content_block"]["type"] for chunk in chunks if chunk["type"] == "content_block_start"]
    assert opened == ["thinking", "tool_use", "tool_use"]
    for index in range(3):
        own = [chunk for chunk in chunks if chunk.get("index") == index]
        assert [own[0]["type"], own[-1]["type"]] == ["content_block_start", "content_block_stop"]
    assert chunks[0]["message"]["content"] == []
    signed = [chunk for chunk in chunks if chunk.get("delta", {}).get("type") == "signature_delta"]
    assert len(signed) == 1
    assert chunks[kinds.index("message_delta")]["delta"]["stop_reason"] == "tool_use"


@pytest.mark.parametrize("model", ["chat", "chat+wholecall"])
async def test_anthropics_tool_calls_come_in_fragments_or_whole(http: httpx.AsyncClient, model: str) -> None:
    chunks = ANTHROPIC.chunks((await ANTHROPIC.stream(http, model, "use get_weather", tools=TOOLS)).content)
    fragments = [chunk["delta"]["partial_json"] for chunk in chunks if "partial_json" in chunk.get("delta", {})]
    assert "".join(fragments) == '{"city":"simulated city"}'
    assert fragments[0] == ("" if model == "chat" else '{"city":"simulated city"}')
    whole = (await ANTHROPIC.ask(http, model, "use get_weather", tools=TOOLS)).json()
    [block] = whole["content"]
    assert (block["type"], block["name"], block["input"], whole["stop_reason"]) == (
        "tool_use",
        "get_weather",
        CITY,
        "tool_use",
    )
    assert block["id"].startswith("toolu_")


@geminis
async def test_geminis_calls_are_whole_and_the_first_of_a_step_is_signed(
    http: httpx.AsyncClient, tongue: Tongue
) -> None:
    question = "get_weather and get_time"
    whole = (await tongue.ask(http, "chat", question, tools=FUNCTIONS)).json()
    parts = whole["candidates"][0]["content"]["parts"]
    assert [part["functionCall"] for part in parts] == [{"name": name, "args": CITY} for name in NAMES]
    assert ["thoughtSignature" in part for part in parts] == [True, False]
    assert whole["candidates"][0]["finishReason"] == "STOP"
    chunks = tongue.chunks((await tongue.stream(http, "chat", question, tools=FUNCTIONS)).content)
    streamed = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
    assert streamed == [*parts, {"text": ""}]


@geminis
async def test_gemini_counts_usage_as_it_goes(http: httpx.AsyncClient, tongue: Tongue) -> None:
    chunks = tongue.chunks((await tongue.stream(http, "chat+tokens(4)")).content)
    assert [chunk["usageMetadata"]["candidatesTokenCount"] for chunk in chunks] == [1, 2, 3, 4, 4]


@every
async def test_a_tools_result_is_quoted(http: httpx.AsyncClient, tongue: Tongue) -> None:
    asked = tongue.body("chat", "use get_weather", False) | {"tools": TOOLS if tongue is ANTHROPIC else FUNCTIONS}
    if tongue is ANTHROPIC:
        said = (await tongue.ask(http, "chat", "use get_weather", tools=TOOLS)).json()["content"]
        result = {"type": "tool_result", "tool_use_id": said[0]["id"], "content": "rain, 9 °C"}
        asked["messages"] += [{"role": "assistant", "content": said}, {"role": "user", "content": [result]}]
    else:
        answer = (await tongue.ask(http, "chat", "use get_weather", tools=FUNCTIONS)).json()
        response = {"functionResponse": {"name": "get_weather", "response": {"output": "rain, 9 °C"}}}
        asked["contents"] += [answer["candidates"][0]["content"], {"role": "user", "parts": [response]}]
    asked.pop("model", None)
    answer = (await tongue.ask(http, "chat", **asked)).json()
    assert "get_weather returned: rain, 9 °C" in tongue.words(answer)[0]


@every
async def test_a_demanded_tool_is_called_though_nobody_names_it(http: httpx.AsyncClient, tongue: Tongue) -> None:
    more: dict[str, Any]
    if tongue is ANTHROPIC:
        more = {"tools": TOOLS, "tool_choice": {"type": "tool", "name": "get_time"}}
    else:
        config = {"mode": "ANY", "allowedFunctionNames": ["get_time"]}
        more = {"tools": FUNCTIONS, "toolConfig": {"functionCallingConfig": config}}
    answer = await tongue.ask(http, "chat", **more)
    assert '"get_time"' in answer.text
    assert '"get_weather"' not in answer.text


SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
CLASSIC = {
    "type": "OBJECT",
    "properties": {"name": {"type": "STRING"}, "age": {"type": 3}},
    "required": ["name", "age"],
}


@pytest.mark.parametrize(
    ("tongue", "more"),
    [
        (ANTHROPIC, {"output_config": {"format": {"type": "json_schema", "schema": SCHEMA}}}),
        (ANTHROPIC, {"output_format": {"type": "json_schema", "schema": SCHEMA}}),
        (GEMINI, {"generationConfig": {"responseMimeType": "application/json", "responseJsonSchema": SCHEMA}}),
        (GEMINI, {"generation_config": {"response_mime_type": "application/json", "response_schema": CLASSIC}}),
    ],
)
async def test_an_answer_fits_its_schema(http: httpx.AsyncClient, tongue: Tongue, more: dict[str, Any]) -> None:
    answer = (await tongue.ask(http, "chat", **more)).json()
    assert tongue.words(answer)[0] == '{"name":"simulated name","age":1}'


async def test_gemini_answers_any_json_where_no_schema_is_given(http: httpx.AsyncClient) -> None:
    answer = await GEMINI.ask(http, "chat", generationConfig={"responseMimeType": "application/json"})
    assert GEMINI.words(answer.json())[0].startswith("{")


@every
async def test_pictures_are_counted(http: httpx.AsyncClient, tongue: Tongue) -> None:
    without = (await tongue.ask(http, "chat")).json()
    if tongue is ANTHROPIC:
        source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
        blocks = [{"type": "image", "source": source}, {"type": "text", "text": "hello"}]
        shown = await tongue.ask(http, "chat", messages=[{"role": "user", "content": blocks}])
    else:
        parts = [{"inlineData": {"mimeType": "image/png", "data": PICTURE}}, {"text": "hello"}]
        shown = await tongue.ask(http, "chat", contents=[{"role": "user", "parts": parts}])
    assert shown.status_code == 200
    assert usage(tongue, shown.json())[0] == usage(tongue, without)[0] + 85


@pytest.mark.parametrize(
    ("model", "more", "shown"),
    [
        ("chat", {"type": "enabled", "budget_tokens": 2000}, True),
        ("chat", {"type": "adaptive"}, True),
        ("chat", {"type": "adaptive", "display": "omitted"}, False),
        ("claude-opus-4-8", {"type": "adaptive"}, False),
        ("claude-opus-4-8", {"type": "adaptive", "display": "summarized"}, True),
        ("claude-sonnet-5-5", None, False),
        ("chat", {"type": "disabled"}, None),
        ("chat", None, None),
    ],
)
async def test_anthropic_thinks_where_it_is_asked_to_or_cannot_do_otherwise(
    http: httpx.AsyncClient, model: str, more: dict[str, Any] | None, shown: bool | None
) -> None:
    asked: dict[str, Any] = {"thinking": more} if more else {}
    answer = (await ANTHROPIC.ask(http, model, **asked)).json()
    thoughts = [block for block in answer["content"] if block["type"] == "thinking"]
    assert [bool(block["thinking"]) for block in thoughts] == ([] if shown is None else [shown])
    assert all(block["signature"] for block in thoughts)
    assert (usage(ANTHROPIC, answer)[2] > 0) == (shown is not None)


async def test_a_tool_that_is_demanded_is_called_without_a_thought(http: httpx.AsyncClient) -> None:
    more: dict[str, Any] = {"thinking": {"type": "adaptive"}, "tools": TOOLS, "tool_choice": {"type": "any"}}
    content = (await ANTHROPIC.ask(http, "chat", **more)).json()["content"]
    assert [block["type"] for block in content] == ["tool_use"]


@pytest.mark.parametrize(
    ("config", "shown", "thought"),
    [
        ({"includeThoughts": True}, True, True),
        ({"include_thoughts": True, "thinking_budget": 512}, True, True),
        ({"thinkingLevel": "LOW"}, False, True),
        ({"includeThoughts": True, "thinkingBudget": 0}, False, False),
        ({}, False, False),
    ],
)
async def test_gemini_thinks_where_it_is_asked_to(
    http: httpx.AsyncClient, config: dict[str, Any], shown: bool, thought: bool
) -> None:
    answer = (await GEMINI.ask(http, "chat", generationConfig={"thinkingConfig": config})).json()
    parts = answer["candidates"][0]["content"]["parts"]
    assert [part.get("thought", False) for part in parts] == ([True, False] if shown else [False])
    assert ("thoughtSignature" in parts[-1]) == thought
    assert (usage(GEMINI, answer)[2] > 0) == thought


async def test_a_whole_answer_of_geminis_can_come_as_one_event(http: httpx.AsyncClient) -> None:
    body = GEMINI.body("chat", "hello", False)
    answer = await http.post("/v1beta/models/chat:generateContent?alt=sse", json=body)
    assert answer.headers["content-type"] == "text/event-stream"
    assert [GEMINI.words(chunk)[0][:4] for chunk in GEMINI.chunks(answer.content)] == ["This"]
