"""The clock that everything else is tested with."""

import asyncio
import time

import anyio
import pytest

from tests.kit.virtual_time import Deadlock, VirtualTimeLoop


async def test_an_hour_takes_no_time() -> None:
    real, virtual = time.monotonic(), asyncio.get_running_loop().time()
    await asyncio.sleep(3600)
    assert asyncio.get_running_loop().time() - virtual == pytest.approx(3600)
    assert time.monotonic() - real < 1


async def test_timers_fire_in_order_of_time_and_not_of_making() -> None:
    order: list[int] = []

    async def note(seconds: int) -> None:
        await asyncio.sleep(seconds)
        order.append(seconds)

    async with anyio.create_task_group() as group:
        for seconds in (3, 1, 2):
            group.start_soon(note, seconds)
    assert order == [1, 2, 3]


def test_waiting_for_what_never_happens_fails_at_once() -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    with (
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
        pytest.raises(Deadlock, match="nothing will ever happen"),
    ):
        runner.run(wait())
