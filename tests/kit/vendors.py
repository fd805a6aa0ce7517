"""The simulator as vendors of the catalog, which refuses what they refuse, behind a service with a route to each."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from mainstay import ChatClient
from service.config import Settings
from service.providers.catalog import ROWS
from service.simulator.options import Options
from service.simulator.plan import Manner
from service.simulator.serve import running
from tests.kit.service import Control, serving

KEY = "sk-of-all-vendors"
"""Who does not show it is refused."""
PATHS: Mapping[str, str] = {"gemini": "/v1beta"}
"""Below which a vendor is played; all others below /v1."""


@dataclass(frozen=True)
class Vendors:
    """A service with a route to each vendor, and the simulator behind it."""

    client: ChatClient
    control: Control

    async def assert_accepted(self, *protocols: str) -> None:
        """Fails unless these requests came, in these protocols, and all were answered."""
        requests = (await self.control.seen())["requests"]
        assert [(one["protocol"], one["status"], one["ending"]) for one in requests] == [
            (protocol, 200, "answered") for protocol in protocols
        ]


def provider(name: str, url: str) -> dict[str, Any]:
    """The vendor of that row, as configured if the simulator at `url` plays it."""
    row = ROWS[name]
    base_url = url.removesuffix("/v1") + PATHS.get(name, "/v1")
    key = {} if row.auth == "none" else {"api_key": KEY}
    return {"protocol": row.protocol, "base_url": base_url, "auth": row.auth, **key}


@asynccontextmanager
async def vendors(targets: Mapping[str, str]) -> AsyncIterator[Vendors]:
    """A route to each of these targets, by the route's name; nobody is asked twice."""
    options = Options(port=0, api_key=KEY, manner=Manner(first_token=0.001, pace=0))
    async with running(options) as url:
        names = {target.partition("/")[0] for target in targets.values()}
        settings = Settings.model_validate(
            {
                "server": {"address": "127.0.0.1:0", "admin_address": None, "drain_grace": "0s"},
                "providers": {name: provider(name, url) for name in sorted(names)},
                "routes": {
                    name: {"targets": [target], "max_attempts": 1, "degrade": False} for name, target in targets.items()
                },
            }
        )
        async with serving(settings) as address, ChatClient(address) as client:
            yield Vendors(client, Control(url))
