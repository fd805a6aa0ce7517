"""Ending tasks that somebody started and nobody needs any more."""

import asyncio
from collections.abc import Collection
from typing import TypeVar

T = TypeVar("T")


async def give_up(tasks: Collection[asyncio.Task[T]]) -> None:
    """Cancels the tasks and returns once all of them are over, whatever became of them.

    If whoever waits here is cancelled meanwhile, it is told so after that: no task is left to itself.
    """
    for task in tasks:
        task.cancel()
    interrupted: asyncio.CancelledError | None = None
    while pending := [task for task in tasks if not task.done()]:
        try:
            await asyncio.wait(pending)
        except asyncio.CancelledError as cancelled:
            interrupted = cancelled
    if interrupted is not None:
        raise interrupted
