"""The RPCs of `mainstay.v1.ChatService`."""

from mainstay import v1 as pb
from service.rpc.arrival import ServicerContext
from service.rpc.counting import Counting
from service.rpc.drain import Drain
from service.rpc.listing import Listing
from service.rpc.terms import Terms
from service.rpc.visit import Visit


class ChatServicer:
    """Each chat is a Visit.

    Stream handlers are coroutines that await `context.write`, not async generators: those clean up in another task
    when the caller leaves during a write.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self.drain = Drain()
        self._listing = Listing(terms, self.drain)

    async def Chat(self, request: pb.ChatRequest, context: ServicerContext) -> pb.ChatResponse:
        """Answers in one piece."""
        return await Visit(self._terms, self.drain, request, context, streamed=False).unary()

    async def ChatStream(self, request: pb.ChatRequest, context: ServicerContext) -> None:
        """Answers in steps."""
        await Visit(self._terms, self.drain, request, context, streamed=True).stream()

    async def CountTokens(self, request: pb.CountTokensRequest, context: ServicerContext) -> pb.CountTokensResponse:
        """Tells how large a question is."""
        return await Counting(self._terms, self.drain, request, context).answer()

    async def ListModels(self, request: pb.ListModelsRequest, context: ServicerContext) -> pb.ListModelsResponse:
        """Tells the routes."""
        return await self._listing.answer(context)
