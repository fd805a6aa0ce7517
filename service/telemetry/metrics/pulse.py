"""Something that happens twice a second on the event loop, and how late it comes: the loop's lag.

A timer that sets itself anew, and no task: there is nothing to await, and to end it is to cancel the timer.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

SECONDS = 0.5


class Pulse:
    """Beats as long as its context is open. `now` is the monotonic clock, in seconds."""

    def __init__(self, lag: Callable[[float], None], beat: Callable[[], None], now: Callable[[], float]) -> None:
        """`lag` is told how many seconds a beat came too late, before each `beat`."""
        self._lag = lag
        self._beat = beat
        self._now = now
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        self._set()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _set(self) -> None:
        self._due = self._now() + SECONDS
        self._timer = asyncio.get_running_loop().call_later(SECONDS, self._ring)

    def _ring(self) -> None:
        self._lag(max(self._now() - self._due, 0.0))
        self._beat()
        self._set()
