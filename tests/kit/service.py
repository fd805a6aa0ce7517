"""The whole service in the test's own process, over real sockets, in front of whatever speaks the openai protocol."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
from opentelemetry.trace import Tracer

from mainstay import ChatClient
from service.app import running
from service.config import Settings
from service.telemetry.telemetry import telemetry
from service.version import VERSION

PROVIDER = "simulator"


def settings_for(base_url: str, *, route: Mapping[str, object] | None = None, **provider: object) -> Settings:
    """As if written in YAML: one provider at `base_url`, and the route `default` to its model `chat`."""
    return Settings.model_validate(
        {
            "server": {"address": "127.0.0.1:0", "admin_address": None, "drain_grace": "0s"},
            "providers": {PROVIDER: {"protocol": "openai", "base_url": base_url, "auth": "none", **provider}},
            "routes": {"default": {"targets": [f"{PROVIDER}/chat"], **(route or {})}},
        }
    )


@asynccontextmanager
async def serving(settings: Settings, tracer: Tracer | None = None) -> AsyncIterator[str]:
    """The service; gives its address. `tracer` makes its spans."""
    async with telemetry(VERSION) as told, running(settings, replace(told, tracer=tracer or told.tracer)) as app:
        yield f"127.0.0.1:{app.port}"


@asynccontextmanager
async def client_of(base_url: str, tracer: Tracer | None = None, **provider: Any) -> AsyncIterator[ChatClient]:
    """A client of a service in front of `base_url`."""
    async with serving(settings_for(base_url, **provider), tracer) as address, ChatClient(address) as client:
        yield client


class Control:
    """What a simulator saw, and what it is told to do."""

    def __init__(self, base_url: str) -> None:
        self._base = base_url.removesuffix("/v1") + "/control"

    async def seen(self) -> dict[str, Any]:
        """Requests, and how many are open."""
        async with httpx.AsyncClient(trust_env=False) as http:
            return dict((await http.get(f"{self._base}/requests")).json())

    async def fail(self, fault: str) -> None:
        """Has every request from now on fail so, in the simulator's words."""
        async with httpx.AsyncClient(trust_env=False) as http:
            (await http.put(f"{self._base}/faults", json=[{"fault": fault}])).raise_for_status()

    async def last(self) -> dict[str, Any]:
        """The latest request."""
        return dict((await self.seen())["requests"][-1])
