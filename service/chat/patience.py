"""A limit on waiting for something that is waited for again and again: one timer for all of it.

A stream is read ten thousand times and hardly ever too slow. `asyncio.timeout` around each read would set and cancel a
timer each time, which takes as long as decoding what was read. Here the timer stays, and looks when it rings whether
the time that is due by now is over:

    wait ──▶ due moves on            ring ──┬─ nobody waits: forgotten, the next wait sets it anew
                                            ├─ due is later: set for then
                                            └─ due: the wait is interrupted
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


class Patience:
    """Bounds waits of one task at a time. Whoever holds it closes it."""

    def __init__(self, ran_out: Callable[[], Exception]) -> None:
        """`ran_out` makes what is raised when it has: to catch one exception and raise another costs a frame a read."""
        self._ran_out = ran_out
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[object] | None = None
        """Whose wait it is; None: nobody waits."""
        self._due = 0.0
        self._rang = False

    async def wait(self, work: Callable[[], Awaitable[T]], until: float) -> T:
        """The outcome of the work. Raises what it was given if there is none by `until`, on the loop's clock.

        As with `asyncio.timeout`, the work is cancelled then, and a cancellation from elsewhere goes on. From wait to
        wait, `until` never moves back.
        """
        if until <= self._loop.time():
            raise self._ran_out()
        task = asyncio.current_task()
        assert task is not None
        before = task.cancelling()
        self._task, self._due = task, until
        if self._timer is None:
            self._set()
        try:
            return await work()
        except asyncio.CancelledError:
            if self._rang and task.uncancel() <= before:
                raise self._ran_out() from None
            raise
        finally:
            self._task, self._rang = None, False

    def close(self) -> None:
        """Ends the timer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set(self) -> None:
        self._timer = self._loop.call_at(self._due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        if self._task is None:
            return
        if self._due > self._loop.time():
            self._set()
        else:
            self._rang = True
            self._task.cancel()
