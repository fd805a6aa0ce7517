"""The processes of a run: two providers, the service, and this one, which is its gRPC client."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mainstay import ChatClient
from tests.chaos.baseline import configuration
from tests.chaos.provider import CannotStart, Provider, simulated
from tests.chaos.scenario import PRIMARY, SECONDARY, Row
from tests.kit.process import Process, mainstayd


@dataclass(frozen=True, slots=True)
class House:
    """Everything that runs. `folder` holds the configuration, for whoever wants a service of its own."""

    providers: Mapping[str, Provider]
    service: Process
    client: ChatClient
    folder: Path


@asynccontextmanager
async def opened(rows: Sequence[Row]) -> AsyncIterator[House]:
    """All of it, for as long as the context lasts."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mainstay-chaos-")))
        providers = {name: await stack.enter_async_context(simulated(name)) for name in (PRIMARY, SECONDARY)}
        urls = {name: provider.url for name, provider in providers.items()}
        (folder / "config.yaml").write_text(json.dumps(configuration(urls, rows)))
        service = await stack.enter_async_context(serving(folder))
        client = await stack.enter_async_context(ChatClient(service.address, caller="chaos"))
        yield House(providers, service, client, folder)


@asynccontextmanager
async def serving(folder: Path, **variables: str) -> AsyncIterator[Process]:
    """A service with the configuration of that folder, which tells on standard error what it dropped unclosed."""
    async with mainstayd(folder, PYTHONWARNINGS="always", **variables) as service:
        if service.child.returncode is not None:
            raise CannotStart(f"the service did not start:\n{''.join(service.said[:20])}")
        yield service
