"""The way through a proxy: the httpx API over an aiohttp-backed transport, which know the oddities of proxies.

Below `httpx.AsyncClient` on purpose: nothing follows a redirect, keeps a cookie or reads a proxy from the environment.
"""

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from functools import lru_cache
from math import isinf
from typing import cast

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from service.providers.http.cause import unreachable, words
from service.providers.http.heading import destination, fields
from service.providers.http.way import Broken

IDLE_SECONDS = 30.0
_ERRORS = (httpx.TransportError, aiohttp.ClientError, OSError)


class Proxied:
    """Implements `Way`. Made in a running loop."""

    def __init__(self, tls: ssl.SSLContext, proxy: str) -> None:
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=tls, keepalive_timeout=IDLE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        self._transport = AiohttpTransport(client=session, verify=tls, proxy=httpx.Proxy(proxy), trust_env=False)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, connect: float) -> "ProxiedArrival":
        """See `Way.post`; a head that is cut off or no HTTP cannot be told from no answer here: UNREACHABLE."""
        host = destination(url).origin.host
        timeout = {"pool": None if isinf(connect) else connect}
        request = httpx.Request(
            "POST", _parsed(url), headers=fields(headers), content=body, extensions={"timeout": timeout}
        )
        try:
            return ProxiedArrival(await self._transport.handle_async_request(request))
        except _ERRORS as error:
            raise unreachable(host, words(_origin(error))) from error

    async def aclose(self) -> None:
        """See `Way.aclose`. Who is reading a body is not told by aiohttp, and waits for limits of its own."""
        await self._transport.aclose()


class ProxiedArrival:
    """An answer from behind a proxy; implements `Arriving`."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self._response = response
        # One generator and not httpx's nest of four, which would be finalised behind our back when given up half-way.
        stream = cast("AsyncIterator[bytes]", response.stream)
        self._reads = cast("AsyncGenerator[bytes, None]", stream.__aiter__())

    async def read(self) -> bytes:
        """See `Arriving.read`."""
        try:
            return await anext(self._reads, b"")
        except _ERRORS as error:
            raise Broken(words(_origin(error))) from error

    async def aclose(self) -> None:
        """See `Arriving.aclose`."""
        try:
            await self._reads.aclose()
        finally:
            await self._response.aclose()


@lru_cache(maxsize=256)
def _parsed(url: str) -> httpx.URL:
    return httpx.URL(url)  # parsing costs as much as sending


def _origin(error: BaseException) -> BaseException:
    """What the system said, below what the libraries wrapped around it."""
    origin = error.__cause__ or error
    inner = getattr(origin, "os_error", None) or getattr(origin, "certificate_error", None)
    return inner if isinstance(inner, BaseException) else origin
