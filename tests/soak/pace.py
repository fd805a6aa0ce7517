"""Keeps callers at a rate, so that what they call has something to spare."""

import asyncio
import time

BEHIND = 0.1
"""Seconds that are caught up with if nobody was there to call."""


class Pace:
    """Turns one after the other, evenly, whoever takes them."""

    def __init__(self) -> None:
        self.per_second: float | None = None
        """None: at once."""
        self._next = 0.0

    async def turn(self) -> None:
        """Waits for the next one."""
        if self.per_second is None:
            return
        now = time.monotonic()
        self._next = max(self._next, now - BEHIND) + 1 / self.per_second
        if self._next > now:
            await asyncio.sleep(self._next - now)
