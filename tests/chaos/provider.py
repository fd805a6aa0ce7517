"""A simulated provider as a process of its own, and the hand at its controls."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.kit.process import environment

START_SECONDS = 20.0
_SIMULATOR = ("-m", "service.simulator", "--port", "0", "--until-stdin-closes")  # it dies with us, however we die


class CannotStart(RuntimeError):
    """A process did not come up; the message is what it said."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A running simulator; `url` is what the service is told."""

    name: str
    url: str
    child: asyncio.subprocess.Process
    _http: httpx.AsyncClient

    async def break_with(self, rules: Sequence[Mapping[str, object]]) -> None:
        """Puts these fault rules in force, and no others. They are written as in a scenario file."""
        (await self._http.put("/control/faults", json=list(rules))).raise_for_status()

    async def forget(self) -> None:
        """Empties the journal and ends every fault."""
        (await self._http.delete("/control/faults")).raise_for_status()
        (await self._http.delete("/control/requests")).raise_for_status()

    async def journal(self) -> dict[str, Any]:
        """What clients did: `requests`, `open_requests`, `open_connections`."""
        return dict((await self._http.get("/control/requests")).json())

    async def open_requests(self) -> int:
        """How many are being answered now."""
        return int((await self.journal())["open_requests"])

    async def requests(self, model: str) -> list[dict[str, Any]]:
        """The requests for models whose name begins so."""
        return [request for request in (await self.journal())["requests"] if request["model"].startswith(model)]

    async def die(self) -> None:
        """Ends the process on the spot: its port is closed from then on."""
        if self.child.returncode is None:
            self.child.kill()
        await self.child.wait()


@asynccontextmanager
async def simulated(name: str, *, first_token: str = "5ms", pace: str = "1ms") -> AsyncIterator[Provider]:
    """Runs a simulator until the context ends."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, *_SIMULATOR, "--first-token", first_token, "--pace", pace),
        env=environment(),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the one who asked for the run, who then ends this
    )
    try:
        url = await _address(child)
        async with httpx.AsyncClient(base_url=url.removesuffix("/v1"), trust_env=False) as http:
            yield Provider(name, url, child, http)
    finally:
        if child.returncode is None:
            child.kill()
        await child.wait()


async def _address(child: asyncio.subprocess.Process) -> str:
    assert child.stdout is not None
    async with asyncio.timeout(START_SECONDS):
        line = (await child.stdout.readline()).decode().strip()
    _, listening, url = line.partition("listening on ")
    if not listening:
        raise CannotStart(f"a simulator did not start: {line or 'it said nothing'}")
    return url
