"""The stages of a drain, and whose cancel it was."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from service.chat.failures import Failure
from service.rpc.drain import QUIET_SECONDS, Drain, Stage, Stay
from service.rpc.status import Refusal


class Visitor:
    """A call that takes its time, in a task that somebody else may cancel, as gRPC does."""

    def __init__(self, drain: Drain, seconds: float, *, undisturbed: bool = False, cleaning: float = 0.0) -> None:
        self.stay = Stay(drain)
        self._seconds = seconds
        self._undisturbed = undisturbed
        self._cleaning = cleaning
        self.cleaned = False
        self.task = asyncio.create_task(self._visit())

    async def _visit(self) -> str:
        try:
            return await self.stay.through(self._work)
        except Refusal as refusal:
            task = asyncio.current_task()
            assert task is not None
            assert task.cancelling() == 0, "a cancelled task cannot await its abort"
            await asyncio.sleep(0.001)
            return refusal.reason

    async def _work(self) -> str:
        try:
            if self._undisturbed:
                with self.stay.undisturbed():
                    await asyncio.sleep(self._seconds)
                await asyncio.sleep(1000)
            else:
                await asyncio.sleep(self._seconds)
            return "answered"
        finally:
            await asyncio.sleep(self._cleaning)
            self.cleaned = True


async def stage_at(drain: Drain, seconds: float) -> Stage:
    await asyncio.sleep(seconds)
    return drain.stage


async def test_the_stages_come_in_order_and_at_their_times(now: Callable[[], float]) -> None:
    drain = Drain()
    assert drain.stage is Stage.SERVING
    visitors = [Visitor(drain, seconds) for seconds in (0.5, 7, 100)]
    began = now()
    async with asyncio.TaskGroup() as group:
        group.create_task(drain.run(notice=1, grace=10))
        stages = [group.create_task(stage_at(drain, at)) for at in (0.5, 1.5, 7.9, 8.1)]
    assert [stage.result() for stage in stages] == [Stage.NOTICED, Stage.REFUSING, Stage.REFUSING, Stage.ABORTING]
    assert [await visitor.task for visitor in visitors] == ["answered", "answered", "DRAINING"]
    assert now() - began == pytest.approx(8 + QUIET_SECONDS)
    assert (drain.open_calls, drain.refused, drain.cut) == (0, 0, 1)


@pytest.mark.parametrize(
    ("notice", "grace", "took"), [(1, 10, 8), (0, 3, 1.5), (1, 0, 0), (60, 10, 8)], ids=lambda value: f"{value}s"
)
async def test_open_calls_end_in_time_before_the_grace_does(
    notice: float, grace: float, took: float, now: Callable[[], float]
) -> None:
    drain = Drain()
    visitor = Visitor(drain, 1000)
    await asyncio.sleep(0)
    began = now()
    draining = asyncio.create_task(drain.run(notice=notice, grace=grace))
    assert await visitor.task == "DRAINING"
    assert now() - began == pytest.approx(took, abs=0.01)
    await draining


async def test_it_is_over_when_the_last_call_is_but_not_before_the_notice_is(now: Callable[[], float]) -> None:
    drain = Drain()
    visitor = Visitor(drain, 2)
    await asyncio.sleep(0)
    began = now()
    await drain.run(notice=1, grace=60)
    assert now() - began == pytest.approx(2 + QUIET_SECONDS)
    assert await visitor.task == "answered"
    empty = Drain()
    await empty.run(notice=1, grace=60)
    assert now() - began == pytest.approx(3 + QUIET_SECONDS)


async def keep_asking(drain: Drain, seconds: float, pause: float) -> list[str]:
    """How one who asks again `pause` seconds after each answer fares, in that time."""
    ends: list[str] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while True:
                ends.append(await Visitor(drain, 1.0).task)
                await asyncio.sleep(pause)
    return ends


async def test_whoever_asks_again_at_once_is_still_told_and_then_it_is_over(now: Callable[[], float]) -> None:
    """Their calls are on the way while the last open one ends: gRPC's stop would cut them off without a word."""
    drain = Drain()
    asking = asyncio.create_task(keep_asking(drain, 3.0, pause=0.15))
    await asyncio.sleep(0.5)
    began = now()
    await drain.run(notice=0, grace=60)
    assert now() - began == pytest.approx(3.0 - 0.5 + QUIET_SECONDS, abs=0.15)
    ends = await asking
    assert ends[0] == "answered"
    assert set(ends[1:]) == {"DRAINING"}
    assert drain.refused == len(ends) - 1 > 10


async def test_whoever_never_stops_asking_is_waited_for_until_the_grace_nearly_ends(now: Callable[[], float]) -> None:
    drain = Drain()
    asking = asyncio.create_task(keep_asking(drain, 20.0, pause=0.05))
    await asyncio.sleep(0.5)
    began = now()
    await drain.run(notice=1, grace=10)
    assert now() - began == pytest.approx(9)
    assert set(await asking) == {"answered", "DRAINING"}


async def test_new_calls_are_let_in_during_the_notice_and_refused_after_it() -> None:
    drain = Drain()
    draining = asyncio.create_task(drain.run(notice=1, grace=10))
    await asyncio.sleep(0.5)
    early = Visitor(drain, 3)
    await asyncio.sleep(1)
    late = Visitor(drain, 3)
    assert await late.task == "DRAINING"
    assert not late.cleaned, "it was never let in"
    assert await early.task == "answered"
    await draining


async def test_a_call_that_is_told_to_end_cleans_up_first() -> None:
    drain = Drain()
    visitor = Visitor(drain, 1000, cleaning=0.5)
    await asyncio.sleep(0)
    drain.abort()
    assert await visitor.task == "DRAINING"
    assert visitor.cleaned


@pytest.mark.parametrize("caller_first", [True, False])
async def test_a_caller_who_left_is_not_told_of_a_drain(*, caller_first: bool) -> None:
    drain = Drain()
    visitor = Visitor(drain, 1000)
    await asyncio.sleep(0)
    steps: list[Callable[[], object]] = [visitor.task.cancel, drain.abort]
    for step in steps if caller_first else reversed(steps):
        step()
    with pytest.raises(asyncio.CancelledError):
        await visitor.task
    assert drain.open_calls == 0


async def test_a_caller_who_leaves_while_the_call_cleans_up_is_not_told_of_a_drain() -> None:
    drain = Drain()
    visitor = Visitor(drain, 1000, cleaning=1)
    await asyncio.sleep(0)
    drain.abort()
    await asyncio.sleep(0.5)
    visitor.task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await visitor.task


async def test_a_timeout_of_the_works_own_is_not_taken_for_a_drain() -> None:
    async def work() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await Stay(Drain()).through(work)


async def test_what_must_not_be_disturbed_is_interrupted_right_after(now: Callable[[], float]) -> None:
    drain = Drain()
    visitor = Visitor(drain, 5, undisturbed=True)
    await asyncio.sleep(0)
    began = now()
    drain.abort()
    assert await visitor.task == "DRAINING"
    assert now() - began == pytest.approx(5, abs=0.01)


async def test_what_must_not_be_disturbed_is_not_by_a_word_that_came_just_before(now: Callable[[], float]) -> None:
    drain = Drain()
    stay = Stay(drain)

    async def work() -> None:
        drain.abort()
        with stay.undisturbed():
            await asyncio.sleep(5)
        await asyncio.sleep(1000)

    with pytest.raises(Refusal):
        await stay.through(work)
    assert now() == pytest.approx(5, abs=0.01)


async def test_a_call_that_ends_in_the_same_moment_keeps_its_answer() -> None:
    drain = Drain()
    visitor = Visitor(drain, 1)
    await asyncio.sleep(0.999)
    asyncio.get_running_loop().call_later(0.001, drain.abort)
    assert await visitor.task in ("answered", "DRAINING")
    assert drain.open_calls == 0


async def test_a_call_that_its_own_deadline_is_ending_is_left_alone_and_the_others_are_told() -> None:
    drain = Drain()
    late, open_one = Visitor(drain, 100, cleaning=5), Visitor(drain, 100)
    await asyncio.sleep(0)
    late.stay.until(1)
    await asyncio.sleep(2)  # it cleans up now
    drain.abort()
    assert await open_one.task == "DRAINING"
    with pytest.raises(Failure):
        await late.task
