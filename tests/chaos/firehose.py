"""A provider with very long answers, which sends as fast as it is read and counts what it could send."""

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from math import ceil

from aiohttp import web

PIECE = 16 * 1024
"""Characters of the answer in one event."""
BUFFER = 64 * 1024
"""Bytes that its kernel takes of each answer: what is sent is then close to what was read."""
_DELTA = b'data: {"choices":[{"delta":{"content":%s}}]}\n\n' % json.dumps("x" * PIECE).encode()
_END = b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


@dataclass(slots=True)
class Firehose:
    """`sent` are the bytes of each answer that found room on their way, in the order in which they were asked for."""

    characters: int
    """Of an answer, rounded up to whole pieces."""
    sent: list[int] = field(default_factory=list)

    @property
    def pieces(self) -> int:
        """Of an answer."""
        return ceil(self.characters / PIECE)

    async def chat(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        assert request.transport is not None
        request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        number = len(self.sent)
        self.sent.append(0)
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        await response.prepare(request)
        with suppress(ConnectionError):  # its reader may leave
            for _ in range(self.pieces):
                await response.write(_DELTA)
                self.sent[number] += len(_DELTA)
            await response.write(_END)
        return response


@asynccontextmanager
async def sending(firehose: Firehose) -> AsyncIterator[str]:
    """It listens as long as this lasts; gives its base URL."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", firehose.chat)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()
