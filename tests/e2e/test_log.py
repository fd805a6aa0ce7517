"""The log: one line for each call, and no harm to any, whatever becomes of it."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mainstay import ChatClient, MainstayError, NotFound
from service.app import running
from service.chat.call import Call
from service.telemetry.telemetry import telemetry
from service.version import VERSION
from tests.kit.log_schema import Schema
from tests.kit.process import Process, free_port, mainstayd
from tests.kit.service import settings_for
from tests.kit.web import fetch
from tests.kit.written import written as kept
from tests.telemetry.metrics.reading import value

QUESTION = "canary-question"
CONFIG = """
server: {{log_level: debug}}
providers: {{simulator: {{protocol: openai, base_url: "{url}", api_key: sk-canary-key}}}}
routes:
  default:
    targets: ["simulator/chat+status(503)", simulator/chat]
    tries: {{first: 1}}
  retried: {{targets: ["simulator/chat+status(503)"], max_attempts: 2, degrade: false}}
  degraded: {{targets: ["simulator/chat+status(503)"], tries: {{first: 1}}}}
  cached: {{targets: [simulator/chat], cache: {{use: true}}}}
"""
SCHEMA = Schema()


@pytest.fixture
def folder(simulator: str, tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG.format(url=simulator))
    return tmp_path


async def test_a_full_disk_costs_lines_that_are_counted_and_no_calls(folder: Path) -> None:
    admin = f"127.0.0.1:{free_port()}"
    async with (
        mainstayd(folder, log="/dev/full", MAINSTAY__SERVER__ADMIN_ADDRESS=admin) as process,
        ChatClient(process.address) as client,
    ):
        answers = await asyncio.gather(*(client.chat("hello", model="simulator/chat") for _ in range(20)))
        await until(lambda: lost(admin, 21))  # the calls' lines, and `serving`
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


async def test_every_line_of_a_long_day_is_as_the_page_says(folder: Path) -> None:
    late = {"MAINSTAY__SERVER__DRAIN_GRACE": "1s", "MAINSTAY__SERVER__ADMIN_ADDRESS": "127.0.0.1:0"}
    always_asked = {"MAINSTAY__PROVIDERS__SIMULATOR__CIRCUIT__ENABLED": "false"}
    async with mainstayd(folder, **late, **always_asked) as process:
        async with ChatClient(process.address) as client:
            for model in ("default", "degraded", "cached", "cached"):
                await client.chat(QUESTION, model=model)
            for model in ("retried", "nobody", "simulator/chat+status(400)", "simulator/chat+status(401)"):
                with pytest.raises(MainstayError):
                    await client.chat(QUESTION, model=model)
            with pytest.raises(MainstayError):
                await client.chat(QUESTION, timeout=0.2, model="simulator/chat+silence")
            await asyncio.gather(*(client.chat(QUESTION) for _ in range(14)))
            async with client.stream(QUESTION, model="simulator/chat+tokens(500)+pace(10ms)") as cut:
                await anext(cut)
                process.child.terminate()
                with pytest.raises(MainstayError):
                    async for _ in cut:
                        pass
        await process.child.wait()
    lines = [json.loads(line) for line in process.log]

    assert [wrong for line in lines for wrong in SCHEMA.wrongs(line)] == []
    events = {line["event"] for line in lines}
    assert events == {
        "serving",
        "stopping",
        "stopped",
        "call",
        "attempt failed",
        "fell back",
        "retry scheduled",
        "degraded",
        "key set aside",
    }
    assert [line.get("repeated") for line in lines if line["event"] == "fell back"] == [None] * 10 + [5]
    assert len(process.lines("call")) == 4 + 4 + 1 + 14 + 1
    assert_says(process.lines("call")[-1], level="warning", reason="DRAINING")
    assert process.said == []


async def test_callers_that_invent_models_do_not_fill_the_log(folder: Path) -> None:
    async with mainstayd(folder) as process, ChatClient(process.address) as client:
        for number in range(15):
            with pytest.raises(MainstayError):
                await client.chat(QUESTION, model=f"simulator/chat+status(400)+tokens({number + 1})")
    await process.child.wait()
    failed = process.lines("attempt failed")
    assert [line.get("repeated") for line in failed] == [None] * 10 + [5]
    assert (failed[0]["target"], failed[-1]["target"]) == ("simulator/chat+status(400)+tokens(1)", "other")
    assert failed[0]["call_id"] == process.lines("call")[0]["call_id"]
    assert process.lines("call")[-1]["failed"] == ["simulator/chat+status(400)+tokens(15) INVALID_REQUEST"]


async def test_a_bug_is_an_error_line_that_says_where_and_not_what(simulator: str) -> None:
    def inject(call: Call) -> Mapping[str, str]:
        raise ValueError(call.request.messages[0].parts[0].text)

    errors: list[MainstayError] = []
    with kept() as lines:
        async with (
            telemetry(VERSION) as told,
            running(settings_for(simulator), replace(told, inject=inject)) as app,
            ChatClient(f"127.0.0.1:{app.port}") as client,
        ):
            for _ in range(12):
                with pytest.raises(MainstayError) as caught:
                    await client.chat(QUESTION)
                errors.append(caught.value)
        lines.limit.finish()
    bugs = lines.of("a call met a bug")

    assert {error.reason for error in errors} == {"INTERNAL"}
    assert [wrong for line in map(json.loads, lines) for wrong in SCHEMA.wrongs(line)] == []
    assert bugs[0]["error"].startswith("ValueError at tests/e2e/test_log.py:")
    assert any("attendance.py" in frame for frame in bugs[0]["exception"][0]["frames"])
    assert [bug.get("repeated") for bug in bugs] == [None] * 10 + [2]
    assert lines.of("call")[-1]["request_id"] == errors[-1].request_id
    assert b"canary" not in b"".join(lines)


async def lost(admin: str, lines: int) -> bool:
    body = (await fetch(admin, "/metrics")).body
    return value(lambda accept: ("", body), "mainstay_log_dropped_total", {}) >= lines


async def written(process: Process, lines: int) -> bool:
    return len(process.lines("call")) == lines


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(5):
        while not await true():
            await asyncio.sleep(0.01)


def assert_says(line: dict[str, Any], **fields: object) -> None:
    assert {name: line.get(name) for name in fields} == fields
