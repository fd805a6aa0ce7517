"""Pushing over OTLP, to real collectors and to none."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from email.message import Message
from typing import Any, NoReturn
from urllib.error import HTTPError

import grpc
import pytest
from grpc.aio import Metadata
from opentelemetry.sdk.metrics.export import ConsoleMetricExporter, MetricExportResult, MetricsData
from structlog.testing import capture_logs

from service.telemetry.metrics.exporter import LOGGERS
from service.telemetry.metrics.metrics import Measuring, Metrics, metrics
from service.telemetry.metrics.push import LAST_SECONDS, Push
from service.telemetry.metrics.push import pushing as open_as_long
from service.telemetry.resource import resource
from tests.kit.process import free_port
from tests.telemetry.metrics.collectors import Collector, grpc_collector, http_collector
from tests.telemetry.metrics.conftest import KNOWN
from tests.telemetry.metrics.test_calls import record

SOON = 0.02
LATER = 3600.0


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """The loop of production."""
    return "asyncio", {"use_uvloop": True}


@asynccontextmanager
async def pushing(
    monkeypatch: pytest.MonkeyPatch, url: str, interval: float = SOON, protocol: str = "grpc"
) -> AsyncIterator[Metrics]:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.5")
    measuring = Measuring(known=KNOWN, interval=interval, protocol=protocol, endpoint=url)
    async with metrics(resource(KNOWN.version), measuring) as counted:
        yield counted


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not true():
            await asyncio.sleep(0.01)


def calls(collector: Collector) -> int:
    return sum(point.as_int for point in collector.metrics["mainstay.calls"].sum.data_points)


async def test_what_was_counted_comes_to_a_collector_and_once_more_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with grpc_collector() as collector:
        async with pushing(monkeypatch, collector.url) as counted:
            counted.ended(record())
            await until(lambda: collector.pushes and calls(collector) == 1)
        async with pushing(monkeypatch, collector.url, LATER) as counted:
            counted.ended(record())
            counted.ended(record())
        assert calls(collector) == 2


async def test_the_standard_variables_say_who_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=blue")
    with grpc_collector() as collector:
        async with pushing(monkeypatch, collector.url, LATER):
            pass
        told = collector.resource
        assert (told["service.name"], told["service.version"]) == ("mainstay", "1.2")
        assert told["deployment.environment.name"] == "test"
        assert collector.headers[-1]["x-team"] == "blue"
        monkeypatch.setenv("OTEL_SERVICE_NAME", "chat")
        async with pushing(monkeypatch, collector.url, LATER):
            pass
        assert collector.resource["service.name"] == "chat"


async def test_http_is_spoken_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    with http_collector() as collector:
        async with pushing(monkeypatch, collector.url, LATER, "http/protobuf") as counted:
            counted.ended(record())
        assert calls(collector) == 1


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
async def test_a_dead_collector_costs_one_line_and_little_time(
    protocol: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as lines:
        async with pushing(monkeypatch, f"http://127.0.0.1:{free_port()}", SOON, protocol):
            await until(lambda: lines)
            await asyncio.sleep(1.2)  # two more that fail
            began = time.monotonic()
        assert time.monotonic() - began < LAST_SECONDS + 1
    assert [(line["event"], line["log_level"]) for line in lines] == [("metrics are not pushed", "warning")]
    assert lines[0]["endpoint"].startswith("http://127.0.0.1:")
    assert lines[0]["why"] == ("UNAVAILABLE" if protocol == "grpc" else "unknown")  # over HTTP only retries say why
    assert caplog.records == []


async def test_a_collector_that_comes_back_costs_another_line(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    with capture_logs() as lines:
        async with pushing(monkeypatch, f"http://127.0.0.1:{port}"):
            await until(lambda: lines)
            with grpc_collector(port):
                await until(lambda: len(lines) > 1)
    assert lines[1] == {"event": "metrics are pushed again", "log_level": "info"}


async def test_a_collector_that_does_not_answer_holds_up_neither_the_loop_nor_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "60")
    with grpc_collector() as collector:
        collector.answers.clear()
        began = time.monotonic()
        async with pushing(monkeypatch, collector.url):
            await until(lambda: collector.pushes)
            assert time.monotonic() - began < 1.5
        took = time.monotonic() - began
        collector.answers.set()
    assert LAST_SECONDS <= took < LAST_SECONDS + 2


class Stuck(ConsoleMetricExporter):
    """Exports until it is shut down, and complains of the second time as OTLP's do."""

    def __init__(self) -> None:
        super().__init__()
        self.shut = threading.Event()
        self.times = 0

    def export(self, *args: Any, **kwargs: Any) -> MetricExportResult:
        self.shut.wait(10)
        return MetricExportResult.FAILURE

    def shutdown(self, *args: Any, **kwargs: Any) -> None:
        if self.shut.is_set():
            logging.getLogger(LOGGERS[0]).warning("Exporter already shutdown, ignoring call")
        self.shut.set()
        self.times += 1


async def test_an_exporter_that_had_to_be_shut_down_while_it_exported_complains_to_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stuck = Stuck()
    with capture_logs() as lines:
        async with open_as_long(Push(lambda: MetricsData([]), lambda: stuck, LATER)):
            pass
        await until(lambda: stuck.times == 2)
    assert [line["event"] for line in lines] == ["metrics are not pushed"]
    assert caplog.records == []


async def test_an_exporter_that_cannot_be_made_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "nonsense")
    with capture_logs() as lines:
        async with pushing(monkeypatch, "http://127.0.0.1:1", LATER):
            pass
    assert [line["event"] for line in lines] == ["metrics are not pushed"]
    assert lines[0]["why"].isidentifier()


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ValueError("canary"), "ValueError"),
        (
            grpc.aio.AioRpcError(grpc.StatusCode.PERMISSION_DENIED, Metadata(), Metadata(), "canary"),
            "PERMISSION_DENIED",
        ),
        (HTTPError("http://canary", 413, "canary", Message(), None), "HTTP 413"),
        (OSError(13, "canary"), "PermissionError"),
    ],
)
async def test_of_an_exception_its_status_or_kind_is_told_and_never_its_message(error: Exception, why: str) -> None:
    def fail() -> NoReturn:
        raise error

    with capture_logs() as lines:
        async with open_as_long(Push(fail, ConsoleMetricExporter, LATER)):
            pass
    assert [line["why"] for line in lines] == [why]


async def test_of_a_collector_that_refuses_the_status_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with http_collector(status=403) as collector, capture_logs() as lines:
        async with pushing(monkeypatch, collector.url, LATER, "http/protobuf"):
            pass
    assert [line["why"] for line in lines] == ["HTTP 403"]
