"""Metrics of the service as it runs: real callers, a simulated provider, and what /metrics says then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from mainstay import ChatClient, MainstayError
from mainstay import v1 as pb
from service.app import running
from service.composition.measured import measuring
from service.config import Settings
from service.simulator.options import Options
from service.simulator.plan import Manner
from service.simulator.serve import running as simulating
from tests.kit.web import fetch
from tests.telemetry.metrics.collectors import grpc_collector
from tests.telemetry.metrics.reading import value, values

STREAM = "mainstay.v1.ChatService/ChatStream"


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """The loop of production."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def simulator(nothing_left_open: None) -> AsyncIterator[str]:
    """Streams a word every 30 ms."""
    async with simulating(Options(port=0, manner=Manner(first_token=0.001, pace=0.03, tokens=4))) as url:
        yield url


def settings_for(url: str, **sections: object) -> Settings:
    """Routes to one provider: `default` well, `cached` too, `down` not."""
    return Settings.model_validate(
        {
            "server": {"address": "127.0.0.1:0", "admin_address": "127.0.0.1:0", "drain_grace": "0s"},
            "providers": {"sim": {"protocol": "openai", "base_url": url, "auth": "none"}},
            "routes": {
                "default": {"targets": ["sim/chat"]},
                "cached": {"targets": ["sim/chat"], "cache": {"use": True}},
                "down": {"targets": ["sim/chat+status(503)", "sim/chat+status(500)"], "max_wait": "0s"},
            },
            **sections,
        }
    )


@dataclass(frozen=True, slots=True)
class Service:
    """A client of the service, and what its metrics are."""

    client: ChatClient
    admin: str

    async def values(self, name: str) -> dict[tuple[str, ...], float]:
        """Of one name, by labels."""
        body = (await fetch(self.admin, "/metrics")).body
        return values(lambda accept: ("", body), name)

    async def value(self, name: str, **labels: str) -> float:
        """One of them."""
        body = (await fetch(self.admin, "/metrics")).body
        return value(lambda accept: ("", body), name, labels)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Service]:
    async with running(settings) as app:
        assert app.admin is not None
        async with ChatClient(f"127.0.0.1:{app.port}", caller="shop") as client:
            yield Service(client, app.admin)


async def test_a_call_is_counted_by_who_asked_who_answered_and_how_long_it_took(simulator: str) -> None:
    async with serving(settings_for(simulator)) as service:
        await service.client.chat("hello")
        assert await service.values("mainstay_calls_total") == {("OK", "default", "MODEL"): 1}
        assert await service.values("mainstay_caller_calls_total") == {("shop", "OK"): 1}
        assert await service.values("mainstay_attempts_total") == {("sim", "chat", "first", "answered"): 1}
        assert await service.value("gen_ai_client_token_usage_sum", gen_ai_token_type="output") > 0
        whole = await service.value("rpc_server_call_duration_seconds_sum")
        asked = await service.value("gen_ai_client_operation_duration_seconds_sum")
        ours = await service.value("mainstay_overhead_duration_seconds_sum")
        assert 0 < ours <= whole - asked + 1e-6
        assert set((await service.values("mainstay_open_calls")).values()) == {0}


async def test_a_stream_is_open_while_it_is_and_its_chunks_are_timed(simulator: str) -> None:
    async with serving(settings_for(simulator)) as service, service.client.stream("hello") as stream:
        deltas = 0
        async for event in stream:
            deltas += event.HasField("text_delta")
            if deltas == 1:
                assert await service.values("mainstay_open_calls") == {(STREAM,): 1}
        reads = await service.value("gen_ai_client_operation_time_per_output_chunk_seconds_count")
        seconds = await service.value("gen_ai_client_operation_time_per_output_chunk_seconds_sum")
        assert 1 < reads <= deltas - 1
        assert 0.01 < seconds / reads < 0.3
        assert await service.value("gen_ai_client_operation_time_to_first_chunk_seconds_count") == 1


async def test_a_listing_is_timed_and_no_call_to_a_model(simulator: str) -> None:
    async with serving(settings_for(simulator)) as service:
        await service.client.list_models()
        labels = {"rpc_method": "mainstay.v1.ChatService/ListModels", "rpc_response_status_code": "OK"}
        assert await service.value("rpc_server_call_duration_seconds_count", **labels) == 1
        assert await service.values("mainstay_calls_total") == {}


async def test_a_unary_call_has_no_chunks(simulator: str) -> None:
    async with serving(settings_for(simulator)) as service:
        await service.client.chat("hello")
        assert await service.values("gen_ai_client_operation_time_to_first_chunk_seconds_count") == {}
        assert await service.values("gen_ai_client_operation_time_per_output_chunk_seconds_count") == {}


async def test_the_cache_says_how_it_was_asked_and_what_it_holds(simulator: str) -> None:
    async with serving(settings_for(simulator)) as service:
        for model in ("default", "cached", "cached", "cached"):
            await service.client.chat("hello", model=model)
        told = await service.values("mainstay_cache_requests_total")
        assert told == {("bypassed",): 1, ("miss",): 1, ("hit",): 2}
        await asyncio.sleep(0.6)
        assert await service.values("mainstay_cache_entries") == {(): 1}
        assert (await service.values("mainstay_cache_size_bytes"))[()] > 500
        assert (await service.values("mainstay_calls_total"))["OK", "cached", "CACHE"] == 2


async def test_retries_fallbacks_budgets_and_rules_are_counted(simulator: str) -> None:
    settings = settings_for(simulator)
    async with serving(settings) as service:
        answer = await service.client.chat("hello", model="down")
        assert answer.source == pb.SOURCE_RULE
        assert await service.values("mainstay_degradations_total") == {("default",): 1}
        one, two = (str(target) for target in settings.routes["down"].targets)
        assert await service.values("mainstay_fallbacks_total") == {(one, two): 1}
        assert await service.value("mainstay_attempts_total", mainstay_attempt_outcome="failed") > 0
        fills = await service.values("mainstay_budget_fill_ratio")
        assert len(fills) == 3
        assert all(0 <= fill <= 1 for fill in fills.values())


async def test_a_call_that_is_turned_away_is_counted_with_the_reason(simulator: str) -> None:
    async with serving(settings_for(simulator)) as service:
        with pytest.raises(MainstayError):
            await service.client.chat("hello", model="nobody")
        assert await service.values("mainstay_calls_total") == {("MODEL_NOT_FOUND", "NONE"): 1}
        assert await service.value("rpc_server_call_duration_seconds_count", error_type="") == 1


async def test_spans_for_which_there_was_no_room_are_counted(simulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.telemetry.traces.outbox.MOST_CHARACTERS", -1)
    settings = settings_for(simulator, telemetry={"traces": {"exporter": "console", "ratio": 1}})
    async with serving(settings) as service, asyncio.timeout(5):
        assert await service.values("mainstay_spans_dropped_total") == {(): 0}
        await service.client.chat("hello")
        while await service.values("mainstay_spans_dropped_total") != {(): 4}:
            await asyncio.sleep(0.05)


async def test_what_runs_is_told_without_a_secret(simulator: str) -> None:
    async with serving(settings_for(simulator)) as service:
        ((digest, version),) = await service.values("mainstay_configuration")
        assert len(digest) == 12
        assert version
        assert await service.values("mainstay_provider_usable") == {("sim",): 1}


async def test_they_are_pushed_if_the_configuration_says_so(simulator: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with grpc_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        async with serving(settings_for(simulator, telemetry={"metrics": {"exporter": "otlp"}})) as service:
            await service.client.chat("hello")
        (point,) = collector.metrics["mainstay.calls"].sum.data_points
        assert point.as_int == 1


def test_nothing_is_counted_if_nobody_can_look() -> None:
    server = {"admin_address": None}
    assert measuring(Settings.model_validate({"server": server})) is None
    pushed = {"server": server, "telemetry": {"metrics": {"exporter": "otlp"}}}
    assert measuring(Settings.model_validate(pushed)) is not None
    assert measuring(Settings()) is not None
