"""A real LiteLLM proxy, as `make litellm` sets it up, with mock answers and a simulator behind it."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.docs.tables import ROOT
from tests.kit.process import environment, free_port

LITELLM = ROOT / ".venv-litellm" / "bin" / "litellm"
MASTER_KEY = "sk-of-the-proxy-1234"
BEHIND = "of-the-simulator"
"""The key that the proxy shows to the simulator."""
PATIENCE = 120.0
"""Seconds until it listens: it loads half a gigabyte."""

_MOCKS: Mapping[str, Mapping[str, Any]] = {
    "mock": {"mock_response": "A mainstay holds the mast."},
    "limited": {"mock_response": "litellm.RateLimitError"},
    "broken": {"mock_response": "litellm.InternalServerError"},
    "long": {"mock_response": "litellm.ContextWindowExceededError"},
    "slow": {"mock_response": "never", "mock_timeout": True, "timeout": 0.2},
    "unreachable": {"api_base": "http://127.0.0.1:9/v1"},
}
"""By their names at the proxy."""


@dataclass(frozen=True)
class Stage:
    """The base URL of a proxy, and of the simulator behind it.

    The proxy's model `simulated` is the simulator's `chat`, and `locked` the same with a wrong key.
    """

    url: str
    simulator: str


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """Both, until the context ends."""
    path, ours, behind = folder / "litellm.json", free_port(), free_port()
    stage = Stage(f"http://127.0.0.1:{ours}/v1", f"http://127.0.0.1:{behind}/v1")
    path.write_text(json.dumps(_configuration(stage.simulator)))
    simulate = (sys.executable, "-m", "service.simulator", "--port", str(behind), "--api-key", BEHIND, "--pace", "1ms")
    proxy = (str(LITELLM), "--config", str(path), "--host", "127.0.0.1", "--port", str(ours))
    async with _process(folder / "simulator.log", *simulate, healthy=f"http://127.0.0.1:{behind}/healthz"):
        health = f"http://127.0.0.1:{ours}/health/liveliness"
        local = {"PYTHONPATH": "", "LITELLM_LOCAL_MODEL_COST_MAP": "True"}  # it asks the web for prices otherwise
        async with _process(folder / "litellm.log", *proxy, healthy=health, **local):
            yield stage


@asynccontextmanager
async def _process(log: Path, *command: str, healthy: str, **variables: str) -> AsyncIterator[None]:
    """Runs it until the context ends, which begins once that address answers."""
    with log.open("wb") as to:
        child = await asyncio.create_subprocess_exec(
            *command, cwd=log.parent, env=environment(**variables), stdout=to, stderr=to
        )
    try:
        async with asyncio.timeout(PATIENCE):
            await _listening(child, healthy)
        assert child.returncode is None, log.read_text()
        yield
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


def _configuration(simulator: str) -> Mapping[str, Any]:
    models = {
        **_MOCKS,
        "simulated": {"model": "openai/chat", "api_base": simulator, "api_key": BEHIND},
        "locked": {"model": "openai/chat", "api_base": simulator, "api_key": "of-somebody-else"},
    }
    at_a_vendor = {"model": "openai/gpt-4o-mini", "api_key": "of-nobody"}
    return {
        "model_list": [
            {"model_name": name, "litellm_params": {**at_a_vendor, **said}} for name, said in models.items()
        ],
        "litellm_settings": {"num_retries": 0},
        "router_settings": {"disable_cooldowns": True},
        "general_settings": {"master_key": MASTER_KEY},
    }


async def _listening(child: asyncio.subprocess.Process, url: str) -> None:
    async with httpx.AsyncClient(trust_env=False) as http:
        while child.returncode is None:
            try:
                if (await http.get(url)).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.2)
