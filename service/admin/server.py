"""The admin endpoint: plain HTTP for probes, scrapers and people, beside the port that calls come in through.

It is served by the loop that serves calls: that it answers at all is what /livez is about.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import cast

from aiohttp import web

from service.admin.pages import Page, Pages

SECONDS = 10.0
"""The life of a connection, which carries one request."""
LAST_SECONDS = 1.0
"""For answers that are under way when the endpoint closes."""
SERVER = "mainstay"
METHODS = ("GET", "HEAD")


class Admin:
    """Answers with pages, until it is stopped. Used once."""

    def __init__(self, pages: Pages, *, seconds: float = SECONDS) -> None:
        self._pages = pages
        self._seconds = seconds

    async def start(self, address: str) -> str:
        """Listens on host:port, and gives where it really does. Raises OSError."""
        host, _, port = address.rpartition(":")
        self._runner = web.ServerRunner(_Server(self._answer, self._seconds), shutdown_timeout=LAST_SECONDS)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host.strip("[]"), int(port)).start()
        except OSError:
            await self.stop()
            raise
        return f"{host}:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Closes it."""
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        if request.method not in METHODS:
            return _response(Page(b"only GET and HEAD\n", 405), Allow=", ".join(METHODS))
        page = self._pages.get(request.path)
        if page is None:
            return _response(Page(b"there is no such page; / lists them\n", 404))
        return _response(await page(request.headers.get("Accept", "")))


def _response(page: Page, **headers: str) -> web.Response:
    shown = {"Content-Type": page.content_type, "Cache-Control": "no-store", "Server": SERVER, **headers}
    response = web.Response(body=page.body, status=page.status, headers=shown)
    response.force_close()
    return response


class _Connection(web.RequestHandler):
    """Lives for some seconds at most, whatever its other end does, and says little of what it did not understand."""

    _end: asyncio.TimerHandle | None = None

    def __init__(self, server: web.Server, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        no_log = cast("logging.Logger", None)  # as documented, if not as annotated
        super().__init__(server, loop=loop, access_log=no_log, keepalive_timeout=seconds, lingering_time=0)
        self._seconds = seconds

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        abort = cast("asyncio.Transport", transport).abort  # uvloop's is none, but has one
        self._end = asyncio.get_running_loop().call_later(self._seconds, abort)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(exc)

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        if status >= 500:
            self.log_exception("the admin endpoint met a bug", exc_info=exc)
        return _response(Page(b"not understood\n" if status < 500 else b"failed\n", status))


class _Server(web.Server):
    """Makes such connections."""

    def __init__(self, answer: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], seconds: float) -> None:
        super().__init__(answer)
        self._seconds = seconds

    def __call__(self) -> web.RequestHandler:
        return _Connection(self, self._seconds)
