"""An answer as its reader sees it: bounded in size, and in time where it only explains an error."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.http.way import Arriving, Broken

MOST_BYTES = 64 * 1024 * 1024
ERROR_BYTES = 64 * 1024
ERROR_SECONDS = 2.0


class Answer:
    """An HTTP answer whose body is still on its way. Whoever holds it closes it."""

    def __init__(self, arriving: Arriving) -> None:
        self.status = arriving.status
        self.headers: Mapping[str, str] = arriving.headers
        self._arriving = arriving
        self._read = 0

    async def read(self) -> bytes:
        """What arrived since the last read; b"" at the end of the body. Raises Failure(CUT_OFF, MALFORMED)."""
        try:
            data = await self._arriving.read()
        except Broken as broken:
            detail = f"the connection broke after {self._read} bytes of the answer: {broken}"
            raise Failure(pb.FAILURE_KIND_CUT_OFF, detail) from broken
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
        """Gives the connection back if the answer is complete, else closes it at once. May be called twice."""
        await self._arriving.aclose()
