"""What a test may not leave open: tasks and sockets."""

import asyncio
import gc
import os
from contextlib import suppress
from pathlib import Path

PATIENCE = 2.0
"""Seconds that gRPC's own threads get to close what was closed."""


class Openness:
    """Remembers what was open at first, and later tells what is open since."""

    def __init__(self) -> None:
        self._tasks = asyncio.all_tasks()
        self._sockets = _sockets()

    async def assert_nothing_new(self) -> None:
        """Fails if a task or socket is open that was not before."""
        gc.collect(1)  # a reply, response or transport that was dropped unclosed warns now, in this test
        left = self._left()
        for _ in range(100):
            if not left:
                return
            await asyncio.sleep(PATIENCE / 100)
            left = self._left()
        raise AssertionError(f"left open: {', '.join(left)}")

    def _left(self) -> list[str]:
        tasks = [getattr(task.get_coro(), "__qualname__", "?") for task in asyncio.all_tasks() - self._tasks]
        ours = [f"task {name}" for name in tasks if not name.startswith("TestRunner.")]  # those are anyio's
        return [*ours, *sorted(_sockets() - self._sockets)]


def _sockets() -> set[str]:
    """This process's TCP sockets. Others (gRPC's and the loop's own wake-up pairs) live as long as they please."""
    links = set()
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the listing's own is gone by now
            links.add(os.readlink(entry))
    return {link for inode in _tcp_inodes() if (link := f"socket:[{inode}]") in links}


def _tcp_inodes() -> list[str]:
    tables = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
    return [row.split()[9] for table in tables if table.exists() for row in table.read_text().splitlines()[1:]]
