"""Sends a request under a permit, which comes back whatever becomes of it."""

from typing import Protocol

from service.chat.call import Call
from service.chat.failures import Failure
from service.chat.reply import Abandoned, Broken, Completed, Ending, Handler, Reply


class Lent(Protocol):
    """What has to be given back."""

    def ended(self, ending: Ending) -> None:
        """Gives it back; `ending` is that of the answer."""
        ...


async def sent(call: Call, permit: Lent, forward: Handler) -> Reply:
    """The reply to the call; the permit is given back when that ends. Raises what it gets."""
    try:
        reply = await forward(call)
    except Failure as failure:
        permit.ended(Broken(failure))
        raise
    except BaseException:
        permit.ended(Abandoned())
        raise
    if reply.is_whole:  # the provider is done with it, however long its reader takes
        permit.ended(Completed(reply.at_hand[-1].completed))
    else:
        reply.watch(permit.ended)
    return reply
