"""Asks a provider, by the way that its configuration calls for."""

from collections.abc import Mapping
from typing import Self

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.http.answer import Answer
from service.providers.http.connecting import Connecting
from service.providers.http.direct import Direct
from service.providers.http.proxied import Proxied
from service.providers.http.way import Way


class Http:
    """Connections to one provider. Opened with `async with`, which also closes whatever is still open."""

    def __init__(self, connecting: Connecting) -> None:
        self._connecting = connecting

    async def __aenter__(self) -> Self:
        tls, proxy = self._connecting.tls, self._connecting.proxy
        tls.set_alpn_protocols(["http/1.1"])  # that is all we speak, whoever made the context
        self._way: Way = Proxied(tls, proxy) if proxy else Direct(tls)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._way.aclose()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, connect: float) -> Answer:
        """Sends a request; returns when the status is known. Raises as `Way.post` does.

        `connect` is the longest time to reach the provider, in seconds, TLS included.
        """
        arriving = await self._way.post(url, headers, body, connect)
        if "content-encoding" in arriving.headers and arriving.headers["content-encoding"] not in ("identity", ""):
            await arriving.aclose()
            raise Failure(pb.FAILURE_KIND_MALFORMED, "the answer came compressed, which was not asked for")
        return Answer(arriving)
