"""What may not stay behind: requests, sockets, and whatever else the service complains of.

From outside a task, a permit or a span can't be counted. But a reply, a response or a task that was dropped open warns
on the service's standard error, and a bug at the edge is a line of level error.
"""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.chaos.expect import Unmet, expect
from tests.chaos.house import House
from tests.kit.process import Process

PATIENCE = 3.0
"""Seconds in which what was let go must be gone."""
_LISTENING = "0A"


async def expect_nothing_open(house: House) -> None:
    """No provider has an open request. Raises Unmet."""
    for name, provider in house.providers.items():
        await _comes_to(f"requests that stayed open at the {name}", provider.open_requests, 0)


@dataclass(slots=True)
class Complaints:
    """Reads on in what the service says."""

    service: Process
    _said: int = 0
    _logged: int = 0

    def expect_none(self) -> None:
        """Nothing was complained of since the last time. Raises Unmet."""
        said, self._said = self.service.said[self._said :], len(self.service.said)
        logged, self._logged = self.service.log[self._logged :], len(self.service.log)
        if found := said + [line for line in logged if json.loads(line).get("level") in ("error", "critical")]:
            raise Unmet(f"the service complained: {found[0].strip()[:300]}")


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Of a process: TCP connections (state, own port and the other's, hexadecimal), and how many others."""

    connections: list[str]
    others: int

    @classmethod
    def of(cls, pid: int) -> Self:
        """Those open now. A socket that listens is no connection."""
        links = []
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # it may be gone by now
                links.append(os.readlink(entry))
        tables = [Path(f"/proc/{pid}/net/{name}") for name in ("tcp", "tcp6")]
        rows = [row.split() for table in tables if table.exists() for row in table.read_text().splitlines()[1:]]
        found = [row for row in rows if row[3] != _LISTENING and f"socket:[{row[9]}]" in links]
        return cls([f"{row[3]} {row[1][-4:]}-{row[2][-4:]}" for row in found], len(links) - len(found))


async def expect_no_connection(pid: int, before: Descriptors) -> None:
    """The process has no connection, and as many other descriptors as before. Raises Unmet."""

    async def connections() -> list[str]:
        return Descriptors.of(pid).connections

    async def others() -> int:
        return Descriptors.of(pid).others

    await _comes_to("connections that the service keeps", connections, [])
    await _comes_to("other descriptors of the service", others, before.others)


async def _comes_to(what: str, look: Callable[[], Awaitable[object]], wanted: object) -> None:
    limit = time.monotonic() + PATIENCE
    while (found := await look()) != wanted and time.monotonic() < limit:
        await asyncio.sleep(0.01)
    expect(what, found, wanted)
