"""Looks at the running service: now, and when it has come to rest."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.exposition import fetched
from tests.bench.proc import Sight
from tests.bench.processes import Program, Wrong

PATIENCE = 15.0
"""Seconds in which what was let go must be gone."""
STILL = 1.0
"""Seconds without a change after which a process rests."""


@dataclass(frozen=True, slots=True)
class Rest:
    """The service without calls and connections."""

    sight: Sight
    tasks: int
    objects: int
    permits: int
    """Requests to the provider that are under way or wait for their turn, as the service has it."""


class Watch:
    """Of a service that runs under `tests.soak.counted`, and of its provider."""

    def __init__(self, service: Program, provider: Program, counts: Path, admin: int) -> None:
        self._service = service
        self._provider = provider
        self._counts = counts
        self._admin = admin

    async def rest(self, wanted: Rest | None = None) -> Rest:
        """Once nothing changes any more or, given how it `wanted` to be, once it is so or patience ends."""
        os.kill(self._provider.pid, signal.SIGUSR1)
        limit = time.monotonic() + PATIENCE
        since, before = time.monotonic(), await self._now()
        while time.monotonic() < limit:
            await asyncio.sleep(0.1)
            now = await self._now()
            if wanted and _same(now, wanted):
                return now
            if not _same(now, before):
                since = time.monotonic()
            elif wanted is None and time.monotonic() - since > STILL:
                return now
            before = now
        return before

    async def _now(self) -> Rest:
        self._counts.unlink(missing_ok=True)
        os.kill(self._service.pid, signal.SIGUSR1)
        limit = time.monotonic() + PATIENCE
        while not self._counts.exists():
            if time.monotonic() > limit:
                raise Wrong("the service does not count its tasks")
            await asyncio.sleep(0.01)
        counts = json.loads(self._counts.read_text())
        permits = held(json.loads(fetched(self._admin, "/targets"))["targets"])
        return Rest(Sight.of(self._service.pid), counts["tasks"], counts["objects"], permits)


def held(targets: Sequence[Mapping[str, Any]]) -> int:
    """Permits, and those who wait for one, of targets as the admin endpoint tells of them."""
    return sum(target["in_flight"] + target["waiting"] for target in targets)


def _same(one: Rest, other: Rest) -> bool:
    return (one.tasks, one.sight.sockets, one.permits) == (other.tasks, other.sight.sockets, other.permits)
