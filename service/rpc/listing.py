"""`ListModels` at the edge: it asks nobody and waits for nothing, and is told of like any other call."""

from mainstay import v1 as pb
from service.chat.routes import Door, Route
from service.rpc.arrival import Arrival, ServicerContext
from service.rpc.attendance import Attendance
from service.rpc.drain import Drain
from service.rpc.terms import Terms


class Listing:
    """Knows what to answer, and tells every caller the same."""

    def __init__(self, terms: Terms, drain: Drain) -> None:
        self._terms = terms
        self._drain = drain
        self._models = pb.ListModelsResponse(models=[_model(route) for route in terms.routes])

    async def answer(self, context: ServicerContext) -> pb.ListModelsResponse:
        """All models; while the server leaves none, since whoever asks for them is about to call one."""
        arrival = Arrival(self._terms, "ListModels", context)
        return await Attendance(self._terms, self._drain, arrival, context).through(self._all)

    async def _all(self) -> pb.ListModelsResponse:
        return self._models


def _model(route: Route) -> pb.Model:
    can = route.capabilities
    return pb.Model(
        name=route.name,
        targets=[str(target) for target in route.targets],
        context_tokens=can.context_tokens,
        max_output_tokens=can.max_output_tokens,
        tools=can.tools is True,
        images=can.images is True,
        json_schema=can.json_schema is True,
        reasoning=can.thinks is True,
        usable=isinstance(route.door, Door),
    )
