"""A client that sees bytes: what exactly came over the connection, and how the connection ended."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

LIMIT = 5.0  # seconds; nothing here may take that long


def body_of(model: str, text: str = "hello", **more: Any) -> dict[str, Any]:
    """A small valid request."""
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}


@dataclass
class Raw:
    """One connection; `ending` is None while open, then `closed` or `reset`."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    received: bytes = b""
    ending: str | None = field(default=None)

    @classmethod
    async def post(cls, url: str, body: dict[str, Any], path: str = "/v1/chat/completions", **headers: str) -> "Raw":
        """Connect and ask."""
        host, port = url.removeprefix("http://").removesuffix("/v1").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        content = json.dumps(body).encode()
        lines = [
            f"POST {path} HTTP/1.1",
            f"host: {host}:{port}",
            "content-type: application/json",
            f"content-length: {len(content)}",
            *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await writer.drain()
        return cls(reader, writer)

    async def read_until(self, mark: bytes, times: int = 1) -> None:
        """Read until `mark` has come so many times."""
        async with asyncio.timeout(LIMIT):
            while self.received.count(mark) < times:
                assert await self._read(), f"{self.ending} before {mark!r}: {self.received!r}"

    async def read_to_end(self) -> None:
        """Read until the connection ends."""
        async with asyncio.timeout(LIMIT):
            while await self._read():
                pass

    async def stays_silent(self, seconds: float) -> bool:
        """Whether nothing comes for so long, not even an end."""
        before = len(self.received)
        try:
            async with asyncio.timeout(seconds):
                await self._read()
        except TimeoutError:
            return len(self.received) == before
        return False

    async def leave(self) -> None:
        """Close the connection."""
        self.writer.close()
        with suppress(ConnectionError):
            await self.writer.wait_closed()

    async def _read(self) -> bool:
        try:
            data = await self.reader.read(65536)
        except ConnectionResetError:
            self.ending = "reset"
            return False
        if not data:
            self.ending = "closed"
        self.received += data
        return bool(data)

    @property
    def status(self) -> int:
        return int(self.received.split(b" ", 2)[1])

    @property
    def pieces(self) -> int:
        """How many tokens came."""
        return len([e for e in events(self.received) if isinstance(e, dict) and token_of(e)])

    @property
    def terminated(self) -> bool:
        """Whether the chunked body has its end."""
        return self.received.endswith(b"0\r\n\r\n")


async def log_once_idle(http: httpx.AsyncClient) -> dict[str, Any]:
    """The simulator's log, as soon as no request is open any more."""
    async with asyncio.timeout(LIMIT):
        # The other end is a process of its own in real use: all that can be done is to ask again.
        while (log := (await http.get("/control/requests")).json())["open_requests"]:
            await asyncio.sleep(0.005)
    return dict(log)


def events(data: bytes) -> list[dict[str, Any] | str]:
    """The `data:` events: parsed, or the text of those that are not JSON."""
    found: list[dict[str, Any] | str] = []
    for line in data.decode().splitlines():
        if line.startswith("data: "):
            try:
                found.append(json.loads(line[6:]))
            except json.JSONDecodeError:
                found.append(line[6:])
    return found


def token_of(event: dict[str, Any]) -> str:
    """The text that an event adds to the answer."""
    choices = event.get("choices") or [{}]
    return choices[0].get("delta", {}).get("content") or ""


def text_of(data: bytes) -> str:
    """The whole text of a stream."""
    return "".join(token_of(event) for event in events(data) if isinstance(event, dict))
