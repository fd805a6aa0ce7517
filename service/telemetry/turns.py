"""One at a time: lines come from the loop, from exporters' threads, and from finalisers in the middle of either."""

import threading
from collections import deque
from collections.abc import Callable

MOST_WAITING = 10_000


class Turns:
    """Hands lines on whole and in order; nobody waits for a turn.

    Whoever comes while another is writing leaves the line to that one. So a finaliser that the writer itself set off
    cannot lock it up, and the loop does not wait for a thread.
    """

    def __init__(self, write: Callable[[bytes], None]) -> None:
        self._write = write
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._turn = threading.Lock()

    def __call__(self, line: bytes) -> None:
        """Writes the line, or has it written by whoever is at it."""
        self._waiting.append(line)
        while self._waiting and self._turn.acquire(blocking=False):
            try:
                while self._waiting:
                    self._write(self._waiting.popleft())
            finally:
                self._turn.release()
