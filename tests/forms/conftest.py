"""Real processes, on the loop that production uses."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from service.forms.workshop import Workshop


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """The loop of production."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def workshop(nothing_left_open: None) -> AsyncIterator[Workshop]:
    """Whose processes are gone with the test."""
    async with Workshop() as workshop:
        yield workshop
