"""Traces, from a caller's own span to the provider, exported over OTLP to a collector that is a process of its own."""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from mainstay import ChatClient, MainstayError
from tests.kit.collector import Collector, Span, collecting
from tests.kit.process import PATIENCE, Process, free_port, mainstayd
from tests.kit.service import Control

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "other=1"}
NOT_SAMPLED = {"traceparent": f"00-{TRACE}-{CALLER}-00"}
GONE, BACK = "traces cannot be exported; calls go on", "traces are exported again"
CONFIG = """
server: {{log_level: debug}}
telemetry: {{traces: {{ratio: 0, slow: {slow}}}}}
providers: {{simulator: {{protocol: openai, base_url: "{url}", api_key: sk-canary-key}}}}
routes:
  default:
    targets: ["simulator/chat+status(503)", simulator/chat]
    tries: {{first: 1}}
"""


@pytest.fixture
def folder(simulator: str, tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(CONFIG.format(url=simulator, slow="30s"))
    return tmp_path


async def stream(client: ChatClient, **asked: Any) -> Any:
    async with client.stream("canary-question", **asked) as answer:
        async for _ in answer:
            pass
    return answer


def by_name(spans: list[Span]) -> tuple[Span, Span, list[Span], list[Span]]:
    """The root, the chat, and attempts and HTTP requests in the order of their beginning."""
    root, chat = only(spans, kind="SERVER"), only(spans, kind="INTERNAL")
    clients = sorted((span for span in spans if span.kind == "CLIENT"), key=lambda span: span.began)
    return root, chat, [s for s in clients if s.name != "POST"], [s for s in clients if s.name == "POST"]


def only(spans: list[Span], kind: str) -> Span:
    (span,) = [span for span in spans if span.kind == kind]
    return span


def picked(span: Span, *keys: str) -> dict[str, Any]:
    return {key: span.attributes.get(key) for key in keys}


async def test_a_failed_over_stream_is_one_trace_from_the_callers_span_to_the_provider(
    folder: Path, simulator: str
) -> None:
    async with (
        collecting(folder) as collector,
        mainstayd(folder, OTEL_EXPORTER_OTLP_ENDPOINT=collector.grpc, OTEL_SERVICE_NAME="ours") as process,
        ChatClient(process.address, caller="tester") as client,
    ):
        answer = await stream(client, metadata={**SAMPLED, "x-request-id": "request-1"})
        spans = await collector.spans_of(6)
        lines = [json.loads(line) for line in process.log if "trace_id" in line]
        asked = (await Control(simulator).seen())["requests"]
    assert len(spans) == 6
    root, chat, attempts, posts = by_name(spans)
    failed, answered = attempts

    assert {span.trace_id for span in spans} == {TRACE}
    assert root.parent_id == CALLER
    assert chat.parent_id == root.span_id
    assert [attempt.parent_id for attempt in attempts] == [chat.span_id] * 2
    assert [post.parent_id for post in posts] == [attempt.span_id for attempt in attempts]
    for span in spans:
        assert root.began <= span.began <= span.ended <= root.ended

    assert (root.name, root.status) == ("mainstay.v1.ChatService/ChatStream", ("UNSET", ""))
    assert root.attributes == {
        "rpc.system.name": "grpc",
        "rpc.method": "mainstay.v1.ChatService/ChatStream",
        "rpc.response.status_code": "OK",
        "mainstay.caller": "tester",
        "mainstay.request.id": "request-1",
        "mainstay.call.id": answer.response.id,
        "mainstay.source": "SIMULATOR",
        "mainstay.kept": "fell back",
    }
    assert (chat.name, chat.status) == ("chat default", ("UNSET", ""))
    assert chat.attributes == {"mainstay.route": "default", "mainstay.model": "default", "mainstay.attempts": 2}
    assert [name for name, _ in chat.events] == ["fell back"]
    assert chat.events[0][1] == {
        "mainstay.attempt.number": 1,
        "mainstay.target": "simulator/chat+status(503)",
        "mainstay.onto": "simulator/chat",
        "error.type": "OVERLOADED",
    }

    assert (failed.name, failed.status) == ("chat chat+status(503)", ("ERROR", "OVERLOADED"))
    about = ("error.type", "mainstay.attempt.number", "mainstay.attempt.cause", "mainstay.attempt.outcome")
    assert list(picked(failed, *about).values()) == ["OVERLOADED", 1, "first", "failed"]
    assert (answered.name, answered.status) == ("chat chat", ("UNSET", ""))
    assert list(picked(answered, *about).values()) == [None, 2, "fallback", "answered"]
    assert picked(answered, "gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.request.model") == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "simulator",
        "gen_ai.request.model": "chat",
    }
    assert answered.attributes["gen_ai.request.stream"] is True
    assert answered.attributes["gen_ai.response.finish_reasons"] == ["stop"]
    assert answered.attributes["gen_ai.usage.output_tokens"] == answer.response.usage.output_tokens
    assert 0 < answered.attributes["gen_ai.response.time_to_first_chunk"] < PATIENCE
    assert [name for name, _ in answered.events] == ["first token"]

    assert [post.attributes["http.response.status_code"] for post in posts] == [503, 200]
    assert [post.status for post in posts] == [("ERROR", "503"), ("UNSET", "")]
    assert picked(posts[1], "http.request.method", "url.full", "server.address", "server.port", "error.type") == {
        "http.request.method": "POST",
        "url.full": f"{simulator}/chat/completions",
        "server.address": "127.0.0.1",
        "server.port": httpx.URL(simulator).port,
        "error.type": None,
    }

    heard = [request["headers"] for request in asked]
    assert [headers["traceparent"] for headers in heard] == [f"00-{TRACE}-{post.span_id}-01" for post in posts]
    assert {headers["tracestate"] for headers in heard} == {"other=1"}
    assert {headers["x-request-id"] for headers in heard} == {answer.response.id}

    assert answer.response.provenance.trace_id == TRACE
    assert {line["event"] for line in lines} >= {"call", "fell back"}
    assert {line["trace_id"] for line in lines} == {TRACE}
    assert {line["span_id"] for line in lines} <= {span.span_id for span in spans}
    assert {span.resource["service.name"] for span in spans} == {"ours"}
    assert "canary" not in collector.written.read_text()


async def test_of_calls_that_went_well_none_is_exported_at_ratio_0_and_one_that_fails_is(folder: Path) -> None:
    async with (
        collecting(folder) as collector,
        mainstayd(folder, OTEL_EXPORTER_OTLP_ENDPOINT=collector.grpc) as process,
        ChatClient(process.address) as client,
    ):
        await client.chat("hello", model="simulator/chat")
        await client.chat("hello", model="simulator/chat", metadata=NOT_SAMPLED)
        with pytest.raises(MainstayError) as failure:
            await client.chat("hello", model="simulator/chat+status(503,retry-after=99)")
        await collector.spans_of(4)
        await stopped(process)
    root = only(collector.spans, kind="SERVER")
    assert {span.trace_id for span in collector.spans} == {failure.value.trace_id}
    assert root.status == ("ERROR", "OVERLOADED")
    assert picked(root, "error.type", "rpc.response.status_code", "mainstay.kept") == {
        "error.type": "UNAVAILABLE",
        "rpc.response.status_code": "UNAVAILABLE",
        "mainstay.kept": "failed",
    }


@pytest.mark.parametrize("over", ["grpc", "http"])
async def test_everything_about_the_collector_may_stand_in_dotenv_and_its_headers_are_never_logged(
    over: str, folder: Path
) -> None:
    async with collecting(folder) as collector:
        (folder / ".env").write_text(
            f"OTEL_EXPORTER_OTLP_ENDPOINT={getattr(collector, over)}\n"
            f"OTEL_EXPORTER_OTLP_PROTOCOL={'grpc' if over == 'grpc' else 'http/protobuf'}\n"
            "OTEL_EXPORTER_OTLP_HEADERS=x-token=canary-token\n"
            "OTEL_EXPORTER_OTLP_COMPRESSION=gzip\n"
            "OTEL_TRACES_SAMPLER_ARG=1\n"
            "OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=test\n"
        )
        async with mainstayd(folder) as process, ChatClient(process.address) as client:
            await client.chat("hello", model="simulator/chat")
            spans = await collector.spans_of(4)
    (request,) = [request for request in collector.requests if request["signal"] == "traces"]
    assert (request["over"], request["headers"]["x-token"]) == (over, "canary-token")
    assert spans[-1].attributes["mainstay.kept"] == "sampled"
    resource = spans[0].resource
    assert (resource["service.name"], resource["deployment.environment.name"]) == ("mainstay", "test")
    assert resource["service.version"]
    assert resource["service.instance.id"]
    assert "canary" not in "".join(process.log + process.said)


async def test_the_console_gets_a_line_a_span_and_the_log_stays_a_log(folder: Path) -> None:
    async with (
        mainstayd(folder, OTEL_TRACES_EXPORTER="console") as process,
        ChatClient(process.address) as client,
    ):
        await stream(client)
        async with asyncio.timeout(PATIENCE):
            while len(process.said) < 6:
                await asyncio.sleep(0.02)
    told = [json.loads(line) for line in process.said]
    assert {span["name"] for span in told} >= {"mainstay.v1.ChatService/ChatStream", "chat default", "POST"}
    assert all(json.loads(line)["event"] for line in process.log)


async def test_switched_off_the_callers_trace_still_goes_on_to_the_provider(folder: Path, simulator: str) -> None:
    async with mainstayd(folder) as process, ChatClient(process.address) as client:
        answer = await client.chat("hello", model="simulator/chat", metadata=SAMPLED)
        alone = await client.chat("hello", model="simulator/chat")
        heard = [request["headers"] for request in (await Control(simulator).seen())["requests"]]
    assert [headers["traceparent"] for headers in heard[:1]] == [SAMPLED["traceparent"]]
    assert answer.provenance.trace_id == TRACE
    assert heard[1]["traceparent"].split("-")[1::2] == [alone.provenance.trace_id, "00"]


async def test_b3_and_jaeger_are_spoken_when_asked_for(folder: Path, simulator: str) -> None:
    async with (
        mainstayd(folder, OTEL_PROPAGATORS="b3,baggage") as process,
        ChatClient(process.address) as client,
    ):
        answer = await client.chat(
            "hello", model="simulator/chat", metadata={"b3": f"{TRACE}-{CALLER}-1", "baggage": "user=canary"}
        )
    assert answer.provenance.trace_id == TRACE
    assert "canary" not in json.dumps(await Control(simulator).last())


@pytest.mark.parametrize("mode", ["gone", "slow", "hang", "deny"])
async def test_a_collector_that_is_down_or_slow_hurts_no_call_and_no_shutdown(folder: Path, mode: str) -> None:
    async with collecting(folder, mode if mode != "gone" else "good") as collector:
        endpoint = f"http://127.0.0.1:{free_port()}" if mode == "gone" else collector.grpc
        async with (
            mainstayd(
                folder,
                OTEL_EXPORTER_OTLP_ENDPOINT=endpoint,
                OTEL_TRACES_SAMPLER_ARG="1",
                OTEL_EXPORTER_OTLP_TIMEOUT="3",
            ) as process,
            ChatClient(process.address) as client,
        ):
            await client.chat("hello", model="simulator/chat")
            before = process.rss
            took = await longest(client, calls=300)
            grown = process.rss - before
            leaving = time.monotonic()
        left_after = time.monotonic() - leaving
    assert took < 2
    assert grown < 20 * 2**20
    assert left_after < 4  # two seconds for traces and metrics together
    assert process.child.returncode == 0
    assert process.said == []
    assert len(process.lines("call")) == 301
    assert [line for text in process.log if (line := json.loads(text))["event"] == "library"] == []
    assert len(process.lines("traces cannot be exported; calls go on")) <= 1


async def stopped(process: Process) -> None:
    """Tells it to stop, and waits: then all that is exported has come."""
    process.child.terminate()
    await process.child.wait()


async def longest(client: ChatClient, calls: int) -> float:
    """The longest of many calls, some at a time, in seconds."""
    took: list[float] = []

    async def one() -> None:
        began = time.monotonic()
        await client.chat("hello", model="simulator/chat")
        took.append(time.monotonic() - began)

    for _ in range(calls // 20):
        await asyncio.gather(*(one() for _ in range(20)))
    return max(took)


async def test_one_line_when_the_collector_goes_and_one_when_it_is_back(folder: Path) -> None:
    port = free_port()
    settings: Mapping[str, str] = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
        "OTEL_TRACES_SAMPLER_ARG": "1",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "3",
    }
    async with mainstayd(folder, **settings) as process, ChatClient(process.address) as client:
        await client.chat("hello", model="simulator/chat")
        await until_said(process, GONE)
        async with collecting(folder, port=port) as collector:
            await asked_until(client, collector)
            await until_said(process, BACK)
    told = [line for text in process.log if (line := json.loads(text))["event"] in (GONE, BACK)]
    assert [line["event"] for line in told] == [GONE, BACK, GONE, BACK][: len(told)]  # twice if this machine is slow
    gone, back = told[:2]
    assert (gone["level"], gone["why"]) == ("warning", "UNAVAILABLE")
    assert gone["endpoint"] == f"http://127.0.0.1:{port}"
    (serving,) = process.lines("serving")
    assert (serving["traces"], serving["metrics"]) == ("otlp", "otlp")
    assert back["lost"] >= 4
    assert process.lines("library") == []


async def until_said(process: Process, event: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not process.lines(event):
            await asyncio.sleep(0.05)


async def asked_until(client: ChatClient, collector: Collector) -> None:
    """Asks again and again, until spans arrive."""
    async with asyncio.timeout(PATIENCE):
        while not collector.spans:
            await client.chat("hello", model="simulator/chat")
            await asyncio.sleep(0.1)


async def test_prompts_and_answers_are_in_spans_if_that_is_switched_on_and_credentials_are_not(folder: Path) -> None:
    async with (
        collecting(folder) as collector,
        mainstayd(
            folder, OTEL_EXPORTER_OTLP_ENDPOINT=collector.grpc, MAINSTAY__TELEMETRY__TRACES__CONTENT="true"
        ) as process,
        ChatClient(process.address) as client,
    ):
        async with client.stream("question with sk-canary-key in it") as answer:
            text = "".join([event.text_delta.text async for event in answer])
        spans = await collector.spans_of(6)
    _, _, attempts, _ = by_name(spans)
    asked = [json.loads(attempt.attributes["gen_ai.input.messages"]) for attempt in attempts]
    assert asked == [[{"role": "user", "parts": [{"type": "text", "content": "question with *** in it"}]}]] * 2
    (said,) = json.loads(attempts[1].attributes["gen_ai.output.messages"])
    assert said["parts"] == [{"type": "text", "content": text.replace("sk-canary-key", "***")}]
    assert "canary" not in collector.written.read_text()
