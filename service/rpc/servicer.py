"""The RPCs of `mainstay.v1.ChatService`."""

from mainstay import v1 as pb
from service.chat.routes import Door, Route
from service.rpc.drain import Drain
from service.rpc.visit import ServicerContext, Terms, Visit


class ChatServicer:
    """Each call is a Visit.

    Stream handlers are coroutines that await `context.write`, not async generators: those clean up in another task
    when the caller leaves during a write.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self.drain = Drain()

    async def Chat(self, request: pb.ChatRequest, context: ServicerContext) -> pb.ChatResponse:
        """Answers in one piece."""
        return await Visit(self._terms, self.drain, request, context, streamed=False).unary()

    async def ChatStream(self, request: pb.ChatRequest, context: ServicerContext) -> None:
        """Answers in steps."""
        await Visit(self._terms, self.drain, request, context, streamed=True).stream()

    async def ListModels(self, request: pb.ListModelsRequest, context: ServicerContext) -> pb.ListModelsResponse:
        """Tells the routes."""
        return pb.ListModelsResponse(models=[_model(route) for route in self._terms.routes])


def _model(route: Route) -> pb.Model:
    can = route.capabilities
    return pb.Model(
        name=route.name,
        targets=[str(target) for target in route.targets],
        context_tokens=can.context_tokens,
        max_output_tokens=can.max_output_tokens,
        tools=can.tools,
        images=can.images,
        json_schema=can.json_schema,
        reasoning=can.reasoning,
        usable=isinstance(route.door, Door),
    )
