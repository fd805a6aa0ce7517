"""Real sockets on both kinds of loop, and both ways to a provider."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from service.providers.http import Connecting, Http
from tests.providers.http.papers import Papers, papers
from tests.providers.http.peers import proxy


@pytest.fixture(params=[True, False], ids=["uvloop", "asyncio"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Real time: the sockets are real."""
    return "asyncio", {"use_uvloop": request.param}


@pytest.fixture(scope="session")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return papers(tmp_path_factory.mktemp("certified"))


@pytest.fixture
async def direct() -> AsyncIterator[Http]:
    """For what only our own connections promise."""
    async with opened("direct", ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)) as http:
        yield http


@pytest.fixture(params=["direct", "proxied"])
async def http(request: pytest.FixtureRequest) -> AsyncIterator[Http]:
    async with opened(request.param, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)) as http:
        yield http


@pytest.fixture(params=["direct", "proxied"])
async def secure(request: pytest.FixtureRequest, certified: Papers) -> AsyncIterator[Http]:
    """Believes those whose papers are in order."""
    async with opened(request.param, certified.client()) as http:
        yield http


@asynccontextmanager
async def opened(way: str, tls: ssl.SSLContext) -> AsyncIterator[Http]:
    if way == "direct":
        async with Http(Connecting(tls)) as http:
            yield http
    else:
        async with proxy() as url, Http(Connecting(tls, url)) as http:
            yield http
