"""A simulator that answers at once, over real sockets."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from service.simulator.options import Options
from service.simulator.plan import Manner
from service.simulator.serve import running
from tests.simulator.raw import Raw

AT_ONCE = Options(port=0, manner=Manner(first_token=0, pace=0))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """The base URL of a running simulator."""
    async with running(AT_ONCE) as base:
        yield base


@pytest.fixture
async def http(url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of that simulator; paths are relative to its root."""
    async with httpx.AsyncClient(base_url=url.removesuffix("/v1"), trust_env=False) as client:
        yield client


@pytest.fixture
async def post(url: str) -> AsyncIterator[Callable[..., Awaitable[Raw]]]:
    """Opens raw connections, which end with the test."""
    async with AsyncExitStack() as stack:

        async def connect(body: dict[str, Any], path: str = "/v1/chat/completions", **headers: str) -> Raw:
            raw = await Raw.post(url, body, path, **headers)
            stack.push_async_callback(raw.leave)
            return raw

        yield connect
