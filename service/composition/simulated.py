"""`--simulate`: the simulator as a child process, in place of every provider.

The child stops when its standard input ends, so it dies with this process, however that dies.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from service.chat.target import Target
from service.config import PriceSettings, ProviderSettings, RouteSettings, Settings

SIMULATOR = "simulator"
START_SECONDS = 20.0
STOP_SECONDS = 5.0


class CannotSimulate(RuntimeError):
    """The child did not come up; it said why on standard error."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """Settings by which everything is simulated, and whether there still is somebody to do it."""

    settings: Settings
    child: asyncio.subprocess.Process

    @property
    def alive(self) -> bool:
        """The child runs."""
        return self.child.returncode is None


@asynccontextmanager
async def simulated(settings: Settings) -> AsyncIterator[Simulated]:
    """The same routes and models, all of them served by a simulator that lives as long as this context."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "service.simulator", "--port", "0", "--until-stdin-closes"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the service, which lets open answers finish first
    )
    try:
        yield Simulated(_at(await _address(child), settings), child)
    finally:
        await _stop(child)


def _at(base_url: str, settings: Settings) -> Settings:
    free = PriceSettings(input=Decimal(0), output=Decimal(0))
    provider = ProviderSettings(protocol="openai", base_url=base_url, auth="none", prices=free)
    return settings.model_copy(
        update={
            "providers": {SIMULATOR: provider},
            "routes": {name: _rerouted(route) for name, route in settings.routes.items()},
        }
    )


def _rerouted(route: RouteSettings) -> RouteSettings:
    models = dict.fromkeys(target.model for target in route.targets)
    return route.model_copy(update={"targets": tuple(Target(SIMULATOR, model) for model in models)})


async def _address(child: asyncio.subprocess.Process) -> str:
    assert child.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            line = (await child.stdout.readline()).decode()
    except TimeoutError:
        line = ""
    _, listening, url = line.strip().partition("listening on ")
    if not listening:
        raise CannotSimulate("the simulator did not start; its own message, if any, is above")
    return url


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    assert child.stdin is not None
    child.stdin.close()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await child.wait()
    except TimeoutError:
        child.kill()
        await child.wait()
