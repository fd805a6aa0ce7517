"""Holds a reply back until it is committed: a stream at its first delta, a unary call at its last event.

The only place that knows unary from stream. Until it returns, every layer above may start over, so a unary call whose
provider breaks half-way is retried without anyone having seen the first half.
"""

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.events import is_delta
from service.chat.failures import Failure
from service.chat.reply import Handler, Reply


class Commit:
    """The innermost layer."""

    async def __call__(self, call: Call, forward: Handler) -> Reply:
        """Returns a committed reply. Raises Failure(EMPTY) for an answer that ends well without a single delta."""
        reply = await forward(call)
        if reply.is_whole:
            return await _spoken(call, reply)
        held: list[pb.ChatEvent] = []
        spoke = False
        try:
            async for event in reply:
                held.append(event)
                if not spoke and is_delta(event):
                    spoke = True
                    call.spoke()
                if spoke and call.streamed:
                    reply.put_back(held)
                    return reply
        except BaseException:
            await reply.aclose()
            raise
        return await _spoken(call, Reply.whole(held), already=spoke)


async def _spoken(call: Call, reply: Reply, *, already: bool = False) -> Reply:
    """The whole reply, if it is an answer; `already`: that it speaks has been told."""
    if not any(map(is_delta, reply.at_hand)):
        if reply.at_hand[-1].completed.finish_reason == pb.FINISH_REASON_STOP:
            await reply.aclose()
            raise Failure(pb.FAILURE_KIND_EMPTY, "the provider's answer was complete and empty")
    elif not already:
        call.spoke()
    return reply
