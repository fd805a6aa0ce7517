"""Lives through the story: real processes, a real client, and troubles that come when the step says so."""

import json
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import assert_never

from mainstay import ChatClient, MainstayError, text_of
from tests.chaos.expect import Unmet, expect
from tests.chaos.house import serving
from tests.chaos.provider import Provider, simulated
from tests.chaos.seen import Seen
from tests.demo.narrator import Narrator
from tests.demo.steps import Step, Trouble

SECONDS = 30.0
"""The caller's deadline, each time."""


@dataclass(frozen=True, slots=True)
class Scene:
    """The processes."""

    primary: Provider
    secondary: Provider
    client: ChatClient
    address: str


@asynccontextmanager
async def scene() -> AsyncGenerator[Scene, None]:
    """Two providers at the pace of a model, the service before them, and a client."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="mainstay-demo-")))
        primary = await stack.enter_async_context(simulated("primary", first_token="300ms", pace="40ms"))
        secondary = await stack.enter_async_context(simulated("secondary", first_token="300ms", pace="40ms"))
        rows = {one.name: {"protocol": "openai", "base_url": one.url, "auth": "none"} for one in (primary, secondary)}
        routes = {"default": {"targets": ["primary/large", "secondary/small"]}}
        (folder / "config.yaml").write_text(json.dumps({"providers": rows, "routes": routes}))
        service = await stack.enter_async_context(serving(folder))
        client = await stack.enter_async_context(ChatClient(service.address, caller="demo"))
        yield Scene(primary, secondary, client, service.address)


async def live_through(step: Step, scene: Scene, narrator: Narrator) -> tuple[Seen, str | None]:
    """What was seen, and what about it is not as it should be."""
    await _befall(step.trouble, scene)
    seen = await _ask(step, scene.client, narrator)
    try:
        expect("the caller saw", seen.phrase, step.sees)
        expect("attempts", seen.attempts, list(step.attempts))
        expect("digits of the trace id", len(seen.provenance.trace_id), 32)
    except Unmet as unmet:
        return seen, str(unmet)
    return seen, None


async def _befall(trouble: Trouble, scene: Scene) -> None:
    match trouble:
        case Trouble.NONE:
            pass
        case Trouble.PRIMARY_STUMBLES:
            await scene.primary.break_with([{"first": 1, "fault": "status(503)"}])
        case Trouble.PRIMARY_DIES:
            await scene.primary.die()
        case Trouble.SECONDARY_DIES:
            await scene.secondary.die()
        case _:
            assert_never(trouble)


async def _ask(step: Step, client: ChatClient, narrator: Narrator) -> Seen:
    began = time.monotonic()
    try:
        if step.streamed:
            async with client.stream(step.question, timeout=SECONDS, policy=step.policy) as stream:
                async for text in stream.text():
                    narrator.hear(text)
            response = stream.response
        else:
            response = await client.chat(step.question, timeout=SECONDS, policy=step.policy)
            narrator.hear(text_of(response))
    except MainstayError as error:
        return Seen(seconds=time.monotonic() - began, error=error)
    return Seen(seconds=time.monotonic() - began, text=text_of(response), response=response)
