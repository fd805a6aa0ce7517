"""Several copies of one request run against each other; the first answer wins, and the others are closed."""

import asyncio
from collections.abc import Coroutine

from service.chat.failures import Failure
from service.chat.reply import Reply
from service.chat.tasks import give_up

Copy = Coroutine[None, None, Reply]


class Race:
    """Copies of one request; whoever starts it asks for the winner, or it is cancelled while it waits."""

    def __init__(self, copy: Copy) -> None:
        self._copies = [asyncio.create_task(copy)]

    @property
    def is_open(self) -> bool:
        """Nobody has finished yet."""
        return not any(copy.done() for copy in self._copies)

    async def wait(self, seconds: float) -> None:
        """For so long, or until a copy has finished."""
        try:
            await asyncio.wait(self._copies, timeout=seconds)
        except BaseException:
            await self._give_up(self._copies)
            raise

    def join(self, copy: Copy) -> None:
        """Lets another copy run against those that do."""
        self._copies.append(asyncio.create_task(copy))

    async def winner(self) -> Reply:
        """The first answer, once all other copies are over. Raises the failure of the first copy if all failed."""
        try:
            winner = await self._first()
        except BaseException:
            await self._give_up(self._copies)
            raise
        try:
            await self._give_up([copy for copy in self._copies if copy is not winner])
        except BaseException:
            await winner.result().aclose()
            raise
        return winner.result()

    async def _first(self) -> asyncio.Task[Reply]:
        running = set(self._copies)
        while running:
            _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for copy in self._copies:
                if copy.done() and not _has_failed(copy):
                    return copy
        await self._copies[0]
        raise AssertionError("it has failed")

    async def _give_up(self, copies: list[asyncio.Task[Reply]]) -> None:
        try:
            await give_up(copies)
        finally:
            for copy in copies:
                if not copy.cancelled() and copy.exception() is None:
                    await copy.result().aclose()


def _has_failed(copy: asyncio.Task[Reply]) -> bool:
    """Whether it is over with a Failure. Raises whatever else it raised: that is nobody's failure but a fault."""
    try:
        copy.result()
    except Failure:
        return True
    return False
