import asyncio
import threading

import structlog

from service.telemetry.heart import STUCK_AFTER, Watch, beating
from tests.kit.log_schema import Schema
from tests.kit.written import written


class Turning:
    """A loop as the watch sees it."""

    beats = 0

    def watch(self) -> Watch:
        return Watch(lambda: self.beats, threading.get_ident())


def test_a_loop_that_turns_is_not_talked_about() -> None:
    turning = Turning()
    watch = turning.watch()
    with written() as lines:
        for _ in range(100):
            turning.beats += 1
            for _ in range(STUCK_AFTER - 1):  # the scheduler is unfair now and then
                watch.look()
    assert lines == []


def test_a_loop_that_is_stuck_is_told_once_with_where_and_once_more_when_it_turns_again() -> None:
    turning = Turning()
    watch = turning.watch()
    with written() as lines:
        for _ in range(40):
            watch.look()
        turning.beats += 1
        watch.look()
    (stuck,), (again,) = lines.of("loop stuck"), lines.of("loop turns again")
    assert len(lines) == 2
    assert (stuck["level"], stuck["seconds"]) == ("error", STUCK_AFTER)
    assert (again["level"], again["seconds"]) == ("warning", 39)
    assert any("test_a_loop_that_is_stuck" in frame for frame in stuck["frames"])
    assert [list(Schema().wrongs(line)) for line in (stuck, again)] == [[], []]


def test_a_real_loop_that_hangs_is_told_from_beside_it_with_the_line_it_hangs_in() -> None:
    told = threading.Event()

    def notice(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        told.set()
        return event

    async def hang() -> None:
        with beating(lambda: None, 0.01):
            await asyncio.sleep(0.05)
            assert told.wait(5)
            told.clear()
            await asyncio.sleep(0)
            async with asyncio.timeout(5):
                while not told.is_set():
                    await asyncio.sleep(0.01)

    with written() as lines:
        structlog.configure(processors=[notice, *structlog.get_config()["processors"]])
        asyncio.run(hang())
    assert any(" in hang" in frame for frame in lines.of("loop stuck")[0]["frames"])
    assert len(lines.of("loop turns again")) == 1


async def test_each_second_it_calls_what_it_was_given_and_stops_with_its_context() -> None:
    called = 0

    def count() -> None:
        nonlocal called
        called += 1

    with beating(count):
        await asyncio.sleep(3.5)
    assert called == 4
    await asyncio.sleep(5)
    assert called == 4
