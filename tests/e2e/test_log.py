"""The log: one line for each call, and no harm to any, whatever becomes of it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from mainstay import ChatClient, MainstayError, NotFound
from tests.kit.process import Process, mainstayd

QUESTION = "canary-question"
CONFIG = """
server: {{log_level: debug}}
providers: {{simulator: {{protocol: openai, base_url: "{url}", api_key: sk-canary-key}}}}
routes:
  default:
    targets: ["simulator/chat+status(503)", simulator/chat]
    tries: {{first: 1}}
"""


@pytest.fixture
def folder(simulator: str, tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG.format(url=simulator))
    return tmp_path


async def test_a_full_disk_costs_lines_and_no_calls(folder: Path) -> None:
    async with mainstayd(folder, log="/dev/full") as process, ChatClient(process.address) as client:
        answers = await asyncio.gather(*(client.chat("hello", model="simulator/chat") for _ in range(20)))
    assert len({answer.id for answer in answers}) == 20
    assert process.said == ["mainstayd: cannot write the log: No space left on device; calls go on\n"]


async def test_every_call_is_one_line_that_says_what_became_of_it_and_nothing_that_was_said(folder: Path) -> None:
    async with (
        mainstayd(folder) as process,
        ChatClient(process.address, caller="tester", metadata={"x-secret": "canary-metadata"}) as client,
    ):
        whole = await client.chat(
            QUESTION, labels={"label": "canary-label"}, metadata={"x-request-id": "request-1"}, end_user="canary-user"
        )
        async with client.stream(QUESTION) as stream:
            async for _ in stream:
                pass
        with pytest.raises(NotFound):
            await client.chat(QUESTION, model="nobody")
        with pytest.raises(MainstayError):
            await client.chat(QUESTION, model="simulator/chat+status(400)")
        async with client.stream(QUESTION, model="simulator/chat+tokens(500)+pace(10ms)") as left:
            await anext(left)
        await until(lambda: written(process, 5))
    answered, streamed, refused, failed, cancelled = process.lines("call")

    assert answered["trace_id"] == whole.provenance.trace_id
    assert streamed["trace_id"] == stream.response.provenance.trace_id
    assert_says(answered, method="Chat", status="OK", caller="tester", request_id="request-1", call_id=whole.id)
    assert_says(answered, model="default", route="default", provider="simulator", used_model="chat")
    assert_says(answered, attempts=2, source="SIMULATOR", level="info", output_tokens=whole.usage.output_tokens)
    assert 0 < streamed["first_token_ms"] <= streamed["duration_ms"]
    assert_says(refused, method="Chat", model="nobody", status="NOT_FOUND", reason="MODEL_NOT_FOUND", level="info")
    assert_says(failed, status="INVALID_ARGUMENT", reason="INVALID_REQUEST", attempts=1)
    assert_says(cancelled, method="ChatStream", status="CANCELLED", provider="simulator", level="info")

    fell_back = process.lines("fell back")
    assert [line["call_id"] for line in fell_back] == [answered["call_id"], streamed["call_id"]]
    assert_says(fell_back[0], trace_id=answered["trace_id"], attempt=1, onto="simulator/chat", reason="OVERLOADED")
    assert "canary" not in "".join(process.log)
    assert whole.message.parts[0].text[:10] not in "".join(process.log)
    assert process.said == []


async def written(process: Process, lines: int) -> bool:
    return len(process.lines("call")) == lines


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while not await true():
            await asyncio.sleep(0.01)


def assert_says(line: dict[str, Any], **fields: object) -> None:
    assert {name: line.get(name) for name in fields} == fields
