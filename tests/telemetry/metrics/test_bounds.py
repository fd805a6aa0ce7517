"""However many names callers invent, the number of series is bounded, and the page says by what."""

import asyncio
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from mainstay import v1 as pb
from mainstay.v1.chat_pb2_grpc import ChatServiceStub
from service.app import running
from service.composition.measured import known, measuring
from service.config import Settings
from service.telemetry.metrics.dimensions import CALLERS
from service.telemetry.metrics.table import TABLE
from service.telemetry.telemetry import telemetry
from service.version import VERSION
from tests.kit.replay import Replayed, replaying
from tests.telemetry.metrics.reading import series

CALLS = 10_000
AT_ONCE = 32
WHOLE = (
    b'{"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":1,"completion_tokens":1}}'
)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """The loop of production."""
    return "asyncio", {"use_uvloop": True}


def settings_for(url: str) -> Settings:
    return Settings.model_validate(
        {
            "server": {"address": "127.0.0.1:0", "admin_address": None, "drain_grace": "0s", "log_level": "error"},
            "providers": {"sim": {"protocol": "openai", "base_url": url, "auth": "none"}},
            "routes": {"default": {"targets": ["sim/chat"]}},
            "telemetry": {"metrics": {"exporter": "otlp"}},
        }
    )


def model(number: int) -> str:
    """A third each: models of a provider, models of nobody, names of nothing."""
    return (f"sim/model-{number}", f"nobody-{number}/chat", f"route-{number}")[number % 3]


async def test_ten_thousand_models_callers_and_labels_make_no_more_series_than_the_page_says() -> None:
    async with replaying(Replayed(body=WHOLE)) as url:
        settings = settings_for(url)
        async with telemetry(VERSION, _fetched(settings)) as told, running(settings, told) as app:
            assert told.exposition is not None
            async with grpc.aio.insecure_channel(f"127.0.0.1:{app.port}") as channel:
                chat, numbers = ChatServiceStub(channel).Chat, iter(range(CALLS))
                with capture_logs():  # as they are printed here, lines take longer than calls
                    await asyncio.gather(*(call_on(chat, numbers) for _ in range(AT_ONCE)))
            counted = series(told.exposition)
    names = known(settings)
    assert len(counted) <= sum(instrument.most(names) for instrument in TABLE)
    assert sum(count for name, count in counted.items() if name.startswith("mainstay_calls_total")) == CALLS
    callers = [name for name in counted if name.startswith("mainstay_caller_calls_total")]
    assert CALLERS <= len(callers) <= 2 * (CALLERS + 1)
    # Beside callers, whose number is the bound, this traffic makes what one model, one provider and two reasons make.
    assert len(counted) - len(callers) < 250
    assert not [name for name in counted if "model-" in name or "nobody-" in name or "route-" in name]


def _fetched(settings: Settings) -> Any:
    """As if /metrics were fetched, and nothing pushed."""
    return measuring(settings.model_copy(update={"telemetry": Settings().telemetry, "server": Settings().server}))


async def call_on(chat: Any, numbers: Iterator[int]) -> None:
    for number in numbers:
        part = pb.Part(text="hello")
        request = pb.ChatRequest(model=model(number), messages=[pb.Message(role=pb.ROLE_USER, parts=[part])])
        request.labels[f"label-{number}"] = f"value-{number}"
        metadata = (("mainstay-caller", f"caller-{number}"), ("x-request-id", f"request-{number}"))
        try:
            await chat(request, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.NOT_FOUND:
                raise
