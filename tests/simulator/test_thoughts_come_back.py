"""Loops of tools with thinking on: what the simulator signed is let in as it was, and missed if it is gone."""

from typing import Any

import httpx
import pytest

from tests.simulator.raw import body_of
from tests.simulator.tongues import ANTHROPIC, GEMINI

pytestmark = pytest.mark.anyio
PARAMETERS = {"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}
THINKING: dict[str, Any] = {"thinking": {"type": "enabled", "budget_tokens": 2000}}
TOOLS: dict[str, Any] = {"tools": [{"name": "add_up", "input_schema": PARAMETERS}]}
FUNCTIONS: dict[str, Any] = {
    "tools": [{"functionDeclarations": [{"name": "add_up", "parametersJsonSchema": PARAMETERS}]}]
}
OPENAIS = [{"type": "function", "function": {"name": "add_up", "parameters": PARAMETERS}}]
QUESTION = "please add_up"


async def anthropics_turn(http: httpx.AsyncClient, question: str = QUESTION) -> list[dict[str, Any]]:
    """The content of an answer that thought and called a tool."""
    answer = await ANTHROPIC.ask(http, "chat", question, **THINKING, **TOOLS)
    content: list[dict[str, Any]] = answer.json()["content"]
    return content


async def anthropics_next(http: httpx.AsyncClient, content: list[dict[str, Any]], **more: Any) -> httpx.Response:
    results = [{"type": "tool_result", "tool_use_id": content[-1]["id"], "content": "42"}]
    asked = ANTHROPIC.body("chat", QUESTION, False)["messages"]
    messages = [*asked, {"role": "assistant", "content": content}, {"role": "user", "content": results}]
    return await ANTHROPIC.ask(http, "chat", messages=messages, **{**THINKING, **TOOLS, **more})


async def test_anthropic_lets_in_what_it_signed(http: httpx.AsyncClient) -> None:
    content = await anthropics_turn(http)
    assert [block["type"] for block in content] == ["thinking", "tool_use"]
    answer = await anthropics_next(http, content)
    assert answer.status_code == 200
    assert "add_up returned: 42" in ANTHROPIC.words(answer.json())[0]


async def test_anthropic_hides_thoughts_at_its_own_magic_words_and_wants_them_back(http: httpx.AsyncClient) -> None:
    content = await anthropics_turn(http, f"ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9 {QUESTION}")
    assert [block["type"] for block in content] == ["redacted_thinking", "tool_use"]
    assert (await anthropics_next(http, content)).status_code == 200
    content[0]["data"] = content[0]["data"][::-1]
    assert "redacted_thinking" in (await anthropics_next(http, content)).json()["error"]["message"]


async def test_anthropic_refuses_thoughts_that_were_altered_or_signed_by_somebody_else(
    http: httpx.AsyncClient,
) -> None:
    thought, use = await anthropics_turn(http)
    [other, _] = await anthropics_turn(http, f"{QUESTION} 再想想")
    for forged in ({"thinking": thought["thinking"] + "!"}, {"signature": "EqQB"}, {"signature": other["signature"]}):
        answer = await anthropics_next(http, [thought | forged, use])
        assert answer.status_code == 400, forged
        assert "Invalid `signature` in `thinking` block" in answer.json()["error"]["message"]


async def test_thoughts_whose_text_was_left_out_come_back_with_their_signature(http: httpx.AsyncClient) -> None:
    omitted = {"thinking": {"type": "adaptive", "display": "omitted"}}
    content = (await ANTHROPIC.ask(http, "chat", QUESTION, **omitted, **TOOLS)).json()["content"]
    assert content[0]["thinking"] == ""
    assert (await anthropics_next(http, content)).status_code == 200
    content[0]["thinking"] = "made up"
    assert (await anthropics_next(http, content)).status_code == 400


async def test_anthropic_misses_the_thoughts_of_a_loop_only_where_a_budget_is_given(http: httpx.AsyncClient) -> None:
    [_, use] = await anthropics_turn(http)
    answer = await anthropics_next(http, [use])
    assert answer.status_code == 400
    assert "but found `tool_use`" in answer.json()["error"]["message"]
    for thinking in ({"type": "adaptive"}, {"type": "disabled"}):
        assert (await anthropics_next(http, [use], thinking=thinking)).status_code == 200


async def geminis_turn(http: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await GEMINI.ask(http, "chat", QUESTION, **FUNCTIONS)
    parts: list[dict[str, Any]] = answer.json()["candidates"][0]["content"]["parts"]
    return parts


async def geminis_next(http: httpx.AsyncClient, parts: list[dict[str, Any]]) -> httpx.Response:
    responses = [{"functionResponse": {"name": "add_up", "response": {"output": "42"}}} for part in parts]
    asked = GEMINI.body("chat", QUESTION, False)["contents"]
    contents = [*asked, {"role": "model", "parts": parts}, {"role": "user", "parts": responses}]
    return await GEMINI.ask(http, "chat", contents=contents, **FUNCTIONS)


async def test_gemini_lets_in_what_it_signed_however_a_number_is_written(http: httpx.AsyncClient) -> None:
    [part] = await geminis_turn(http)
    assert part["functionCall"]["args"] == {"n": 1.0}
    part["functionCall"]["args"] = {"n": 1}
    assert (await geminis_next(http, [part])).status_code == 200


async def test_gemini_names_the_call_whose_signature_is_missing_or_altered(http: httpx.AsyncClient) -> None:
    [part] = await geminis_turn(http)
    altered = part | {"thoughtSignature": part["thoughtSignature"][::-1]}
    elsewhere = part | {"functionCall": {"name": "add_up", "args": {"n": 2}}}
    for bad, said in (
        ({"functionCall": part["functionCall"]}, "`add_up` in the `2.` content block is missing a `thought_signature`"),
        (altered, "not valid: contents[1].parts[0]"),
        (elsewhere, "not valid: contents[1].parts[0]"),
    ):
        answer = await geminis_next(http, [bad])
        assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
        assert said in answer.json()["error"]["message"]


async def test_openais_thoughts_must_come_back_where_thinking_was_switched_on(http: httpx.AsyncClient) -> None:
    asked = body_of("chat", QUESTION, tools=OPENAIS, thinking={"type": "enabled"})
    message = (await http.post("/v1/chat/completions", json=asked)).json()["choices"][0]["message"]
    assert message["reasoning_content"]
    result = {"role": "tool", "tool_call_id": message["tool_calls"][0]["id"], "content": "42"}
    asked["messages"] += [message, result]
    assert (await http.post("/v1/chat/completions", json=asked)).status_code == 200
    del message["reasoning_content"]
    answer = await http.post("/v1/chat/completions", json=asked)
    assert answer.status_code == 400
    assert "must be passed back" in answer.json()["error"]["message"]
    asked["thinking"] = {"type": "disabled"}
    assert (await http.post("/v1/chat/completions", json=asked)).status_code == 200
