"""Exporting is done in threads: time is real."""

from typing import Any

import pytest


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """A loop on which threads can wake what waits."""
    return "asyncio", {}
