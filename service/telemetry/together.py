"""Two things that are open at the same time and end at the same time, because each may have to wait for its end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TypeVar

One = TypeVar("One")
Other = TypeVar("Other")


@asynccontextmanager
async def ended_together(
    one: AbstractAsyncContextManager[One], other: AbstractAsyncContextManager[Other]
) -> AsyncIterator[tuple[One, Other]]:
    """Begins them one after the other. They end in tasks of their own, and do not hear of exceptions."""
    of_one, of_other = AsyncExitStack(), AsyncExitStack()
    try:
        yield await of_one.enter_async_context(one), await of_other.enter_async_context(other)
    finally:
        await asyncio.gather(of_one.aclose(), of_other.aclose())
