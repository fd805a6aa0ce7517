"""An event loop whose clock jumps to the next timer as soon as nothing is left to do.

A test that would wait for a minute takes no time, and the same test takes the same steps every run. A test that would
wait for ever fails at once: nothing is ready, no timer is set, and no one outside can wake it.
"""

import asyncio
import selectors


class Deadlock(RuntimeError):
    """Every task waits for something that will never happen."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """For tests without real sockets, threads or processes."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        """Seconds since the loop was made, none of them waited for."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Moves the clock."""
        self._now += seconds


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if ready := super().select(0):
            return ready
        if timeout is None:
            waiting = ", ".join(sorted(task.get_name() for task in asyncio.all_tasks(self._loop)))
            raise Deadlock(f"nothing will ever happen again; waiting: {waiting}")
        self._loop.jump(max(timeout, 0.0))
        return []
