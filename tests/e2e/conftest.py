"""Real sockets, real gRPC, the loop that production uses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from service.simulator.options import Options
from service.simulator.plan import Manner
from service.simulator.serve import running


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """The loop of production."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def simulator(nothing_left_open: None) -> AsyncIterator[str]:
    """A fast simulator in this process; its base URL."""
    async with running(Options(port=0, manner=Manner(first_token=0.001, pace=0.001))) as url:
        yield url
