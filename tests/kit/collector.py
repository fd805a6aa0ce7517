"""A collector as operators have it: a process of its own that takes OTLP over gRPC and HTTP.

It writes what it gets to a file, a line of JSON for each request. Modes: `good`, `slow` (answers after two seconds),
`hang` (takes requests and never answers), `deny` (refuses them for good).
"""

import argparse
import asyncio
import gzip
import json
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from aiohttp import web
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2 as metrics_pb
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2_grpc as metrics_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as trace_pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as trace_grpc

from tests.kit.process import PATIENCE, environment, free_port

SLOW_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Collector:
    """A running collector, and what it got so far."""

    grpc: str
    """The endpoint for OTEL_EXPORTER_OTLP_ENDPOINT, as is the next."""
    http: str
    written: Path
    process: asyncio.subprocess.Process

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Each with `signal`, `over` (grpc or http), `headers` and `body`."""
        return [json.loads(line) for line in self.written.read_text().splitlines()]

    @property
    def spans(self) -> list["Span"]:
        """All spans, in the order in which they came."""
        return [Span(span, scoped["resource"]) for body in self._bodies("traces") for scoped, span in _spans(body)]

    async def spans_of(self, count: int) -> list["Span"]:
        """Waits until there are that many."""
        async with asyncio.timeout(PATIENCE):
            while len(self.spans) < count:
                await asyncio.sleep(0.02)
        return self.spans

    def _bodies(self, signal: str) -> list[dict[str, Any]]:
        return [request["body"] for request in self.requests if request["signal"] == signal]


class Span:
    """A span as it came."""

    def __init__(self, said: Mapping[str, Any], resource: Mapping[str, Any]) -> None:
        self.name: str = said["name"]
        self.kind: str = said["kind"].removeprefix("SPAN_KIND_")
        self.trace_id: str = said["traceId"]
        self.span_id: str = said["spanId"]
        self.parent_id: str = said.get("parentSpanId", "")
        self.status: tuple[str, str] = _status(said.get("status", {}))
        self.attributes = _attributes(said)
        self.events = [(event["name"], _attributes(event)) for event in said.get("events", ())]
        self.links: list[Any] = said.get("links", [])
        self.began = int(said["startTimeUnixNano"])
        self.ended = int(said["endTimeUnixNano"])
        self.resource = _attributes(resource)

    def __repr__(self) -> str:
        return f"Span({self.name}, {self.kind}, {self.attributes})"


@asynccontextmanager
async def collecting(folder: Path, mode: str = "good", *, port: int | None = None) -> AsyncIterator[Collector]:
    """A collector for the time of the context. `port` is for gRPC: to come back where one was before."""
    over_grpc, over_http = port or free_port(), free_port()
    written = folder / "collected.jsonl"
    written.touch()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.kit.collector", mode, str(over_grpc), str(over_http), str(written)),
        env=environment(),
        cwd=Path(__file__).parents[2],
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.readline() == b"ready\n"
        yield Collector(f"http://127.0.0.1:{over_grpc}", f"http://127.0.0.1:{over_http}", written, process)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        await process.stdout.read()


def _status(said: Mapping[str, Any]) -> tuple[str, str]:
    return said.get("code", "STATUS_CODE_UNSET").removeprefix("STATUS_CODE_"), said.get("message", "")


def _spans(body: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for scoped in body["resourceSpans"]:
        for scope in scoped["scopeSpans"]:
            for span in scope["spans"]:
                yield scoped, span


def _attributes(said: Mapping[str, Any]) -> dict[str, Any]:
    return {pair["key"]: _value(pair["value"]) for pair in said.get("attributes", ())}


def _value(said: Mapping[str, Any]) -> Any:
    ((kind, value),) = said.items()
    if kind == "intValue":
        return int(value)
    return [_value(item) for item in value.get("values", ())] if kind == "arrayValue" else value


class _Taking:
    """What every way in does with a request."""

    def __init__(self, mode: str, file: Path) -> None:
        self._mode = mode
        self._file = file

    async def take(self, signal: str, over: str, headers: Mapping[str, str], request: Any) -> bool:
        """Whether it is accepted."""
        if self._mode == "hang":
            await asyncio.Event().wait()
        if self._mode == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if self._mode == "deny":
            return False
        line = {"signal": signal, "over": over, "headers": dict(headers), "body": _plain(request)}
        with self._file.open("a") as file:
            file.write(json.dumps(line) + "\n")
        return True


def _plain(request: Any) -> Any:
    """As OTLP's JSON has it: ids in hex and not in base64."""
    plain = MessageToDict(request)
    if isinstance(request, trace_pb.ExportTraceServiceRequest):
        originals = (
            span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans
        )
        for (_, said), span in zip(_spans(plain), originals, strict=True):
            said["traceId"], said["spanId"] = span.trace_id.hex(), span.span_id.hex()
            said["parentSpanId"] = span.parent_span_id.hex()
    return plain


class _Traces(trace_grpc.TraceServiceServicer):
    def __init__(self, taking: _Taking) -> None:
        self._taking = taking

    async def Export(self, request: Any, context: Any) -> Any:
        if not await self._taking.take("traces", "grpc", _metadata(context), request):
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "no")
        return trace_pb.ExportTraceServiceResponse()


class _Metrics(metrics_grpc.MetricsServiceServicer):
    def __init__(self, taking: _Taking) -> None:
        self._taking = taking

    async def Export(self, request: Any, context: Any) -> Any:
        if not await self._taking.take("metrics", "grpc", _metadata(context), request):
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "no")
        return metrics_pb.ExportMetricsServiceResponse()


def _metadata(context: Any) -> dict[str, str]:
    return {key: value for key, value in context.invocation_metadata() if isinstance(value, str)}


def _http(taking: _Taking) -> web.Application:
    kinds: dict[str, tuple[Any, Any]] = {
        "traces": (trace_pb.ExportTraceServiceRequest, trace_pb.ExportTraceServiceResponse),
        "metrics": (metrics_pb.ExportMetricsServiceRequest, metrics_pb.ExportMetricsServiceResponse),
    }

    async def take(request: web.Request) -> web.Response:
        asked, answered = kinds[request.match_info["signal"]]
        body = await request.read()  # aiohttp has unpacked gzip already, unless it was told twice
        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
        message = asked.FromString(body)
        headers = {name.lower(): value for name, value in request.headers.items()}
        good = await taking.take(request.match_info["signal"], "http", headers, message)
        return web.Response(
            status=200 if good else 403, body=answered().SerializeToString(), content_type="application/x-protobuf"
        )

    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/v1/{signal:traces|metrics}", take)
    return app


async def _serve(mode: str, over_grpc: int, over_http: int, file: Path) -> None:
    taking = _Taking(mode, file)
    server = grpc.aio.server()
    trace_grpc.add_TraceServiceServicer_to_server(_Traces(taking), server)  # type: ignore[no-untyped-call]
    metrics_grpc.add_MetricsServiceServicer_to_server(_Metrics(taking), server)  # type: ignore[no-untyped-call]
    server.add_insecure_port(f"127.0.0.1:{over_grpc}")
    await server.start()
    runner = web.AppRunner(_http(taking))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", over_http).start()
    print("ready", flush=True)  # noqa: T201 - whoever started it waits for that
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("mode", choices=["good", "slow", "hang", "deny"])
    parser.add_argument("grpc", type=int)
    parser.add_argument("http", type=int)
    parser.add_argument("file", type=Path)
    args = parser.parse_args()
    asyncio.run(_serve(args.mode, args.grpc, args.http, args.file))
