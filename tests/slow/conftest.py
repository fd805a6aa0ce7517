"""Real sockets and processes, on the loop that production uses."""

from typing import Any

import pytest


@pytest.fixture(scope="module")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """One loop for a module: what it runs against takes long to start."""
    return "asyncio", {"use_uvloop": True}
