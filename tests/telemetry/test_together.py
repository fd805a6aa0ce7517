"""Two waits at the end are one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from service.telemetry.together import ended_together


@asynccontextmanager
async def slow(name: str, ends: list[str], seconds: float) -> AsyncIterator[str]:
    try:
        yield name
    finally:
        await asyncio.sleep(seconds)
        ends.append(name)


async def test_both_end_at_once_and_both_are_waited_for(now: Callable[[], float]) -> None:
    ends: list[str] = []
    async with ended_together(slow("one", ends, 2), slow("other", ends, 1.5)) as both:
        assert both == ("one", "other")
        began = now()
    assert now() - began == pytest.approx(2)
    assert ends == ["other", "one"]


async def test_both_end_too_when_something_went_wrong(now: Callable[[], float]) -> None:
    ends: list[str] = []
    with pytest.raises(LookupError):
        async with ended_together(slow("one", ends, 2), slow("other", ends, 1.5)):
            raise LookupError
    assert sorted(ends) == ["one", "other"]
