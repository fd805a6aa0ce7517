"""Plain HTTP, as a probe or a stranger speaks it."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Said:
    """What came back before the connection was closed."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as such."""
        return json.loads(self.body)


async def fetch(address: str, path: str, method: str = "GET", **headers: str) -> Said:
    """One request; `headers` are sent with it."""
    lines = [f"{method} {path} HTTP/1.1", "Host: test", *(f"{name}: {value}" for name, value in headers.items())]
    return parsed(await spoken(address, "\r\n".join([*lines, "", ""]).encode()))


async def spoken(address: str, data: bytes) -> bytes:
    """All that comes back when these bytes are sent, until the other end closes."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    try:
        writer.write(data)
        async with asyncio.timeout(5):
            return await reader.read()
    finally:
        writer.close()


def parsed(answer: bytes) -> Said:
    """Of an answer's bytes."""
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    pairs = (line.partition(": ") for line in lines)
    return Said(int(first.split()[1]), {name.lower(): value for name, _, value in pairs}, body)
