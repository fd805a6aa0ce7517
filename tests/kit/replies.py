"""Reading replies in tests."""

from collections.abc import Awaitable

import pytest

from service.chat.failures import Failure
from service.chat.reply import Ending, Reply


class Watched(list[Ending]):
    """Collects the endings that a reply tells."""

    def __init__(self, reply: Reply) -> None:
        super().__init__()
        reply.watch(self.append)


async def kinds_of(reply: Reply) -> list[str]:
    """The kinds of all events, to the end."""
    return [str(event.WhichOneof("event")) async for event in reply]


async def text_of(reply: Reply) -> str:
    """The text of the whole reply."""
    return "".join([event.text_delta.text async for event in reply])


async def failure_of(work: Awaitable[object]) -> Failure:
    """The Failure that the work ends with."""
    with pytest.raises(Failure) as caught:
        await work
    return caught.value
