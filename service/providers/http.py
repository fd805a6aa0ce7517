"""The one place that speaks HTTP to providers: the httpx API over an aiohttp-backed transport.

Below `httpx.AsyncClient` on purpose (it costs more than the transport itself): so nothing follows a redirect, keeps a
cookie or reads a proxy from the environment. The pool is unbounded; who may ask when is decided above.
"""

import asyncio
import os
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from math import isinf
from pathlib import Path
from typing import Self, cast

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from mainstay import v1 as pb
from service.chat.failures import Failure

USER_AGENT = "mainstay"
MOST_BYTES = 64 * 1024 * 1024
ERROR_BYTES = 64 * 1024
ERROR_SECONDS = 2.0
IDLE_SECONDS = 30.0
"""How long an unused connection is kept: less than the servers and balancers in front of providers do."""


@dataclass(frozen=True, slots=True)
class Connecting:
    """How a provider is reached."""

    tls: ssl.SSLContext
    proxy: str | None = None


def trust(authorities: Path | None = None) -> ssl.SSLContext:
    """Whom to believe: the authorities of a PEM file, or certifi's. Costs tens of milliseconds: share it."""
    if authorities is None:
        return httpx.create_ssl_context(trust_env=False)
    return ssl.create_default_context(cafile=authorities)


class Http:
    """Connections to one provider. Opened with `async with`, which also closes whatever is still open."""

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting

    async def __aenter__(self) -> Self:
        tls = self._connecting.tls
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=tls, keepalive_timeout=IDLE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        proxy = httpx.Proxy(self._connecting.proxy) if self._connecting.proxy else None
        self._transport = AiohttpTransport(client=self._session, verify=tls, proxy=proxy, trust_env=False)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._transport.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, connect: float) -> "Answer":
        """Sends a request; returns when the status is known. Raises Failure(UNREACHABLE).

        `connect` is the longest time to reach the provider, in seconds, TLS included.
        """
        request = httpx.Request(
            "POST",
            _parsed(url),
            headers={
                **headers,
                "accept-encoding": "identity",
                "content-type": "application/json",
                "user-agent": USER_AGENT,
            },
            content=body,
            extensions={"timeout": {"pool": None if isinf(connect) else connect}},
        )
        try:
            response = await self._transport.handle_async_request(request)
        except (httpx.TransportError, aiohttp.ClientError, OSError) as error:
            raise Failure(pb.FAILURE_KIND_UNREACHABLE, f"no answer from {request.url.host}: {_cause(error)}") from error
        answer = Answer(response)
        if response.headers.get("content-encoding", "identity") not in ("identity", ""):
            await answer.aclose()
            raise Failure(pb.FAILURE_KIND_MALFORMED, "the answer came compressed, which was not asked for")
        return answer


@lru_cache(maxsize=256)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)  # parsing costs as much as sending


class Answer:
    """An HTTP answer whose body is still on its way. Whoever holds it closes it."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        # One generator and not httpx's nest of four, which would be finalised behind our back when given up half-way.
        stream = cast("AsyncIterator[bytes]", response.stream)
        self._reads = cast("AsyncGenerator[bytes, None]", stream.__aiter__())
        self._read = 0

    async def read(self) -> bytes:
        """What the next network read brings; b"" at the end of the body. Raises Failure(CUT_OFF, MALFORMED)."""
        try:
            data = await anext(self._reads, b"")
        except (httpx.TransportError, aiohttp.ClientError, OSError) as error:
            detail = f"the connection broke after {self._read} bytes of the answer: {_cause(error)}"
            raise Failure(pb.FAILURE_KIND_CUT_OFF, detail) from error
        self._read += len(data)
        if self._read > MOST_BYTES:
            raise Failure(pb.FAILURE_KIND_MALFORMED, f"the answer is larger than {MOST_BYTES >> 20} MiB")
        return data

    async def read_all(self) -> bytes:
        """The whole body. Raises as `read` does."""
        parts: list[bytes] = []
        while data := await self.read():
            parts.append(data)
        return b"".join(parts)

    async def read_error(self) -> bytes:
        """As much of the body as it takes to know what went wrong; what came in time if the provider dawdles."""
        parts: list[bytes] = []
        with suppress(Failure, TimeoutError):  # the status alone has to do
            async with asyncio.timeout(ERROR_SECONDS):
                while self._read < ERROR_BYTES and (data := await self.read()):
                    parts.append(data)
        return b"".join(parts)

    async def aclose(self) -> None:
        """Gives the connection back if the body was read to its end, else closes it."""
        try:
            await self._reads.aclose()
        finally:
            await self._response.aclose()


def _cause(error: BaseException) -> str:
    """In words for people: the system's own where there are any, else the name of what went wrong."""
    origin = error.__cause__ or error
    refused = getattr(origin, "os_error", origin)
    if isinstance(refused, OSError) and refused.errno is not None and refused.errno > 0:
        return os.strerror(refused.errno).lower()
    return type(origin).__name__  # its words may quote what came over the wire
