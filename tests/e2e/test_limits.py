"""Limits that are written, and those that a provider tells of, with real processes."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from mainstay import ChatClient, MainstayError
from tests.kit.gatekeeper import ANSWER
from tests.kit.process import free_port, mainstayd
from tests.kit.web import fetch


@dataclass
class Provider:
    """Answers after a while; counts down what it says is left, and refuses when nothing is."""

    seconds: float = 0.0
    left: int | None = None
    came: list[float] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    refused: int = 0

    async def chat(self, request: web.Request) -> web.Response:
        self.came.append(time.monotonic())
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        headers = {}
        if self.left is not None:
            self.left -= 1
            self.refused += self.left < 0
            headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-reset-requests": "60s"}
            headers["x-ratelimit-remaining-requests"] = str(max(self.left, 0))
        await asyncio.sleep(self.seconds)
        self.open -= 1
        if self.left is not None and self.left < 0:
            return web.json_response({"error": {"message": "too many"}}, status=429, headers=headers)
        return web.json_response(ANSWER, headers=headers)


@asynccontextmanager
async def house(folder: Path, provider: Provider, **settings: Any) -> AsyncIterator[tuple[ChatClient, str]]:
    """A client of the service before the provider, and where its admin pages are."""
    app = web.Application()
    app.router.add_post("/v1/{way:.*}", provider.chat)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    row = {"protocol": "openai", "base_url": url, "auth": "none", **settings}
    routes = {"default": {"targets": ["p/m"], "degrade": False}}
    (folder / "config.yaml").write_text(json.dumps({"providers": {"p": row}, "routes": routes}))
    admin = f"127.0.0.1:{free_port()}"
    try:
        async with (
            mainstayd(folder, MAINSTAY__SERVER__ADMIN_ADDRESS=admin) as process,
            ChatClient(process.address) as client,
        ):
            yield client, admin
    finally:
        await runner.cleanup()


async def state(admin: str) -> dict[str, Any]:
    """What the page says of the provider's only target that anybody asks."""
    return next(dict(told) for told in (await fetch(admin, "/targets")).json["targets"] if told["target"] == "p/m")


async def test_no_more_requests_are_under_way_than_is_written_and_the_page_says_who_waits(tmp_path: Path) -> None:
    provider = Provider(seconds=0.5)
    async with house(tmp_path, provider, limits={"concurrency": 3}) as (client, admin):
        calls = [asyncio.ensure_future(client.chat("hello", model="default")) for _ in range(9)]
        async with asyncio.timeout(10):
            while len(provider.came) < 3:
                await asyncio.sleep(0.01)
        told = await state(admin)
        assert (told["in_flight"], told["free"]) == (3, 0.0)
        assert told["waiting"] > 0
        await asyncio.gather(*calls)
        told = await state(admin)
        assert (told["in_flight"], told["waiting"], told["free"]) == (0, 0, 1.0)
        metrics = (await fetch(admin, "/metrics")).body.decode()
    assert provider.most_open == 3
    assert (
        'mainstay_lease_wait_duration_seconds_count{gen_ai_provider_name="p",gen_ai_request_model="m"} 6.0' in metrics
    )


async def test_a_provider_that_says_that_nothing_is_left_is_not_asked(tmp_path: Path) -> None:
    provider = Provider(left=3)
    async with house(tmp_path, provider) as (client, _):
        for _ in range(3):
            await client.chat("hello", model="default")
        with pytest.raises(MainstayError) as caught:
            await client.chat("hello", model="default", timeout=0.5)
        assert caught.value.reason == "RATE_LIMITED"
        provider.left = 1
        await client.chat("hello", model="default", timeout=10)  # one comes back in about a second
    assert (len(provider.came), provider.refused) == (4, 0)


async def test_unless_it_is_not_to_be_believed(tmp_path: Path) -> None:
    provider = Provider(left=3)
    async with house(tmp_path, provider, limits={"from_headers": False}) as (client, _):
        for _ in range(3):
            await client.chat("hello", model="default")
        with pytest.raises(MainstayError):
            await client.chat("hello", model="default", timeout=0.5)
    assert provider.refused > 0
