"""Waits that share a timer."""

import asyncio
from collections.abc import Callable

import pytest

from service.chat.patience import Patience

Clock = Callable[[], float]


class OutOfPatience(Exception):
    """What these raise."""


async def sleeps(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "slept"


async def nothing() -> None:
    return


def wait(patience: Patience, seconds: float, until: float) -> asyncio.Future[str]:
    return asyncio.ensure_future(patience.wait(lambda: sleeps(seconds), until))


async def test_a_wait_ends_when_its_work_does(now: Clock) -> None:
    patience = Patience(OutOfPatience)
    assert await patience.wait(lambda: sleeps(3), 5) == "slept"
    patience.close()
    assert now() == 3


async def test_work_that_takes_too_long_is_cancelled_when_its_time_is_over(now: Clock) -> None:
    patience = Patience(OutOfPatience)
    with pytest.raises(OutOfPatience):
        await patience.wait(lambda: sleeps(99), 5)
    assert now() == 5


async def test_a_time_that_is_over_already_lets_no_work_begin() -> None:
    patience = Patience(OutOfPatience)
    await asyncio.sleep(5)
    with pytest.raises(OutOfPatience):
        await patience.wait(lambda: pytest.fail("was begun"), 5)


async def test_many_waits_set_one_timer(monkeypatch: pytest.MonkeyPatch, now: Clock) -> None:
    patience, loop, sets = Patience(OutOfPatience), asyncio.get_running_loop(), list[float]()
    call_at = loop.call_at

    def counted(when: float, callback: Callable[[], object]) -> asyncio.TimerHandle:
        sets.append(when)
        return call_at(when, callback)

    for step in range(100):
        with monkeypatch.context() as patched:
            patched.setattr(loop, "call_at", counted)
            await patience.wait(nothing, step + 60)
    patience.close()
    assert sets == [60]


async def test_each_wait_has_its_own_time_however_early_the_timer_rings(now: Clock) -> None:
    patience = Patience(OutOfPatience)
    for _ in range(4):
        await patience.wait(lambda: sleeps(4), now() + 5)  # rings at 5 and 10, each time in the middle of another wait
    with pytest.raises(OutOfPatience):
        await patience.wait(lambda: sleeps(99), now() + 5)
    assert now() == 16 + 5


async def test_a_timer_that_rings_while_nobody_waits_is_set_anew(now: Clock) -> None:
    patience = Patience(OutOfPatience)
    await patience.wait(lambda: sleeps(1), now() + 5)
    await asyncio.sleep(50)
    with pytest.raises(OutOfPatience):
        await patience.wait(lambda: sleeps(99), now() + 5)
    assert now() == 51 + 5


async def test_a_cancellation_from_elsewhere_goes_on() -> None:
    patience = Patience(OutOfPatience)
    task = wait(patience, 99, 5)
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    patience.close()


async def test_a_cancellation_at_the_same_moment_goes_on() -> None:
    patience = Patience(OutOfPatience)
    task = wait(patience, 99, 5)
    asyncio.get_running_loop().call_at(5, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_task_that_ran_out_of_patience_can_wait_again(now: Clock) -> None:
    patience = Patience(OutOfPatience)
    with pytest.raises(OutOfPatience):
        await patience.wait(lambda: sleeps(99), 5)
    assert await patience.wait(lambda: sleeps(1), now() + 5) == "slept"
    patience.close()


async def test_a_time_out_of_the_work_itself_is_not_ours() -> None:
    async def fails() -> None:
        raise TimeoutError("a socket's")

    patience = Patience(OutOfPatience)
    with pytest.raises(TimeoutError, match="a socket's") as caught:
        await patience.wait(fails, 5)
    patience.close()
    assert not isinstance(caught.value, OutOfPatience)


async def test_a_closed_one_leaves_no_timer() -> None:
    rings: list[float] = []

    class Ringing(Patience):
        def _ring(self) -> None:
            rings.append(asyncio.get_running_loop().time())

    left, closed = Ringing(OutOfPatience), Ringing(OutOfPatience)
    for patience, until in ((left, 10), (closed, 11)):
        await patience.wait(nothing, until)
    closed.close()
    await asyncio.sleep(20)
    assert rings == [10]
