"""The service as a process before a provider that looks at who asks.

Whatever happens, no credential leaves it but to whom it belongs.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from mainstay import ChatClient
from mainstay import v1 as pb
from tests.kit.gatekeeper import Gatekeeper, gatekeeping
from tests.kit.log_schema import Schema
from tests.kit.process import Process, mainstayd

DEAD, LIMITED, GOOD = "Canary7Key7Dead", "Canary7Key7Limited", "Canary7Key7Good"
SECRET, OLD, NEW, NEWER = "Canary7Client7Secret", "Canary7Token7Old", "Canary7Token7New", "Canary7Token7Newer"
CANARIES = (DEAD, LIMITED, GOOD, SECRET, OLD, NEW, NEWER)
OAUTH = {"client_secret": SECRET}


@asynccontextmanager
async def house(folder: Path, gatekeeper: Gatekeeper, **provider: Any) -> AsyncIterator[tuple[Process, ChatClient]]:
    """As long as this lasts; `provider` says how to identify. Raises AssertionError if a credential got out."""
    async with gatekeeping(gatekeeper) as origin:
        if "oauth" in provider:
            provider["oauth"] = {"token_url": f"{origin}/oauth/token", "client_id": "me", **provider["oauth"]}
        row = {"protocol": "openai", "base_url": f"{origin}/v1", **provider}
        routes = {"default": {"targets": ["gate/m"], "tries": {"first": 1}, "degrade": False}}
        told = {"providers": {"gate": row}, "routes": routes, "server": {"log_level": "debug"}}
        (folder / "config.yaml").write_text(json.dumps(told))
        async with mainstayd(folder) as process, ChatClient(process.address) as client:
            yield process, client
    said = "".join([*process.log, *process.said])
    leaked = [canary for canary in CANARIES if canary in said]
    assert not leaked, f"the service said {leaked}"
    wrong = [wrong for line in map(json.loads, process.log) for wrong in Schema().wrongs(line)]
    assert not wrong, f"lines of its log are not as docs/logs.md has them: {wrong}"


async def outcomes(client: ChatClient, *, streamed: bool) -> list[str]:
    """How each attempt of one call ended; the caller must see an answer."""
    if not streamed:
        response = await client.chat("hello", model="default")
    else:
        async with client.stream("hello", model="default") as stream:
            async for _ in stream:
                pass
        response = stream.response
    rows = response.provenance.attempts
    said = str(response)
    assert not any(canary in said for canary in CANARIES), "the caller was told a credential"
    return [pb.FailureKind.Name(row.failure).removeprefix("FAILURE_KIND_") for row in rows]
