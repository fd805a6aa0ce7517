"""Notices that the event loop does not turn, from a thread beside it.

A stuck loop answers nobody, /livez included, and cannot say why; the thread can: it writes where the loop's thread is.
"""

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from service.telemetry.tracebacks import stack

SECONDS = 1.0
"""Between two beats, and between two looks."""
STUCK_AFTER = 5
"""Looks without a beat. Looks and not seconds: while the whole process is frozen nobody looks."""

log = structlog.get_logger()


class Watch:
    """Compares the number of beats with what it was at the last look."""

    def __init__(self, beats: Callable[[], int], thread: int, seconds: float = SECONDS) -> None:
        """`beats` counts how often the loop has turned, once in `seconds`; `thread` is the ident of its thread."""
        self._beats = beats
        self._thread = thread
        self._seconds = seconds
        self._seen = -1
        self._silent = 0

    def look(self) -> None:
        """To be called that often, from another thread."""
        beats = self._beats()
        if beats == self._seen:
            self._silent += 1
            if self._silent == STUCK_AFTER:
                log.error("loop stuck", seconds=self._silent * self._seconds, frames=self._frames())
            return
        if self._silent >= STUCK_AFTER:
            log.warning("loop turns again", seconds=self._silent * self._seconds)
        self._seen, self._silent = beats, 0

    def _frames(self) -> list[str]:
        frame = sys._current_frames().get(self._thread)
        return stack(frame) if frame else []


class Heart:
    """Beats on the loop, about once a second."""

    def __init__(self, each_beat: Callable[[], None], seconds: float = SECONDS) -> None:
        self.beats = 0
        self._each_beat = each_beat
        self._seconds = seconds
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.call_soon(self._beat)

    def _beat(self) -> None:
        self.beats += 1
        self._next = self._loop.call_later(self._seconds, self._beat)
        self._each_beat()

    def stop(self) -> None:
        """No further beat."""
        self._next.cancel()


@contextmanager
def beating(each_beat: Callable[[], None], seconds: float = SECONDS) -> Iterator[None]:
    """As long as this is open, `each_beat` is called on the running loop every second, and somebody watches."""
    heart = Heart(each_beat, seconds)
    watch = Watch(lambda: heart.beats, threading.get_ident(), seconds)
    done = threading.Event()

    def look_on() -> None:
        while not done.wait(seconds):
            watch.look()

    watching = threading.Thread(target=look_on, name="watchdog", daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()
        heart.stop()
