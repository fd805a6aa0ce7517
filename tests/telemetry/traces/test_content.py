"""Prompts and answers in spans: none unless it was asked for, and then without credentials and within a bound."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.reply import Reply
from service.pipeline.layers.attempt import Attempt
from service.pipeline.stack import stack
from service.telemetry.redaction import Mask
from service.telemetry.traces.bounds import CONTENT_CHARACTERS
from service.telemetry.traces.content import Content
from service.telemetry.traces.messages import as_json
from tests.conftest import PRIMARY
from tests.kit.facts import Facts
from tests.kit.replies import failure_of, kinds_of
from tests.kit.scripted import ScriptedProvider, answers, breaks
from tests.kit.spans import SpanBook

ACall = Callable[..., Call]
SECRET = 'sk-canary"key'


def clean(text: str) -> str:
    return text


def message(*parts: pb.Part, role: pb.Role.ValueType = pb.ROLE_USER, name: str = "") -> pb.Message:
    return pb.Message(role=role, parts=parts, name=name)


async def ask(provider: ScriptedProvider, call: Call, now: Callable[[], float], spans: SpanBook) -> Reply:
    layers = (Attempt(now=now, tracer=spans.tracer, observe=Facts().observe, named=[PRIMARY]), Content(Mask([SECRET])))
    return await stack(*layers, leaf=provider)(call)


def told(spans: SpanBook, key: str) -> Any:
    attributes = spans.named("chat m1").attributes
    assert attributes is not None
    return json.loads(str(attributes[key]))


async def test_what_was_asked_and_answered_stands_on_the_attempt(
    a_call: ACall, now: Callable[[], float], spans: SpanBook
) -> None:
    reply = await ask(ScriptedProvider(answers("one ", "two")), a_call(text=f"my key is {SECRET}"), now, spans)
    await kinds_of(reply)
    assert told(spans, "gen_ai.input.messages") == [
        {"role": "user", "parts": [{"type": "text", "content": "my key is ***"}]}
    ]
    assert told(spans, "gen_ai.output.messages") == [
        {"role": "assistant", "parts": [{"type": "text", "content": "one two"}]}
    ]


async def test_of_an_answer_that_broke_what_came_is_told(
    a_call: ACall, now: Callable[[], float], spans: SpanBook
) -> None:
    provider = ScriptedProvider(answers("half", breaks(pb.FAILURE_KIND_STALLED)))
    await failure_of(kinds_of(await ask(provider, a_call(), now, spans)))
    assert told(spans, "gen_ai.output.messages")[0]["parts"][0]["content"] == "half"


async def test_nothing_is_read_where_nobody_records(a_call: ACall, spans: SpanBook) -> None:
    spans.root.end()
    provider = ScriptedProvider(answers("a"))
    call = a_call()
    reply = await Content(Mask())(call, provider)
    await kinds_of(reply)
    assert spans.ended == []


def test_every_part_is_told_and_media_by_size_alone() -> None:
    parts = [
        pb.Part(text="text"),
        pb.Part(image=pb.Media(data=b"\xff" * 1000, media_type="image/png")),
        pb.Part(image=pb.Media(url="https://user:canary@host/a.png?signature=canary", media_type="image/png")),
        pb.Part(image=pb.Media(url="data:image/png;base64,canary", media_type="image/png")),
        pb.Part(file=pb.Media(provider_file_id="file-1", media_type="application/pdf")),
        pb.Part(tool_call=pb.ToolCall(id="t1", name="look", arguments_json="{}")),
        pb.Part(tool_result=pb.ToolResult(tool_call_id="t1", text="seen")),
        pb.Part(reasoning=pb.Reasoning(text="hm")),
        pb.Part(provider_block=pb.ProviderBlock(issuer="a", json='"canary"')),
    ]
    text = as_json([message(*parts, name="bob")], clean)
    (told,) = json.loads(text)
    assert (told["role"], told["name"]) == ("user", "bob")
    assert told["parts"] == [
        {"type": "text", "content": "text"},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "1000 bytes"},
        {"type": "uri", "modality": "image", "mime_type": "image/png", "uri": "https://host/a.png"},
        {"type": "blob", "modality": "image", "mime_type": "image/png", "content": "28 characters"},
        {"type": "file", "modality": "document", "mime_type": "application/pdf", "file_id": "file-1"},
        {"type": "tool_call", "id": "t1", "name": "look", "arguments": "{}"},
        {"type": "tool_call_response", "id": "t1", "response": "seen"},
        {"type": "reasoning", "content": "hm"},
        {"type": "opaque"},
    ]
    assert "canary" not in text


@pytest.mark.parametrize("letter", ["x", "中", '"', "\n"])
def test_however_much_was_said_it_is_json_within_the_bound_and_the_latest_is_kept(letter: str) -> None:
    history = [message(pb.Part(text=f"{number} {letter * 3000}")) for number in range(50)]
    text = as_json([*history, message(pb.Part(text="the last"))], clean)
    assert len(text) <= CONTENT_CHARACTERS
    told = json.loads(text)
    assert told[-1]["parts"][0]["content"] == "the last"
    assert told[0]["parts"] == [{"type": "omitted", "messages": 51 - (len(told) - 1)}]


def test_a_text_that_is_cut_says_by_how_much_and_has_lost_its_credentials_before() -> None:
    mask = Mask([SECRET])
    text = "x" * 3995 + SECRET
    (told,) = json.loads(as_json([message(pb.Part(text=text + "y" * 1000))], lambda t: mask(t.encode()).decode()))
    content = told["parts"][0]["content"]
    assert content.endswith("… and 998 more characters")
    assert "sk-c" not in content
