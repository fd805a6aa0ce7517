"""`CountTokens` at the edge: it asks no provider, and is told of like any other call."""

from mainstay import v1 as pb
from service.chat.counting import Size
from service.chat.target import Candidate
from service.rpc.arrival import Arrival, ServicerContext
from service.rpc.attendance import Attendance
from service.rpc.door import door_to_count
from service.rpc.drain import Drain
from service.rpc.terms import Terms


class Counting:
    """Counts one question for everybody that it could go to. Used once."""

    def __init__(self, terms: Terms, drain: Drain, request: pb.CountTokensRequest, context: ServicerContext) -> None:
        self._terms = terms
        self._request = request
        arrival = Arrival(terms, "CountTokens", context, request.chat.model)
        self._attendance = Attendance(terms, drain, arrival, context)

    async def answer(self) -> pb.CountTokensResponse:
        """The counts, in the order in which the targets would be tried."""
        return await self._attendance.through(self._answer)

    async def _answer(self) -> pb.CountTokensResponse:
        _, door = door_to_count(self._request, self._terms.routes)
        chat = self._request.chat
        self._attendance.stay.until(self._attendance.seconds(self._terms.default_deadline_unary))
        candidates = self._terms.in_order(chat, door.candidates)
        sizes = await self._terms.count(chat, [candidate.target for candidate in candidates])
        return pb.CountTokensResponse(counts=map(_count, candidates, sizes))


def _count(candidate: Candidate, size: Size) -> pb.TokenCount:
    return pb.TokenCount(
        target=str(candidate.target),
        input_tokens=size.tokens,
        exact=size.exact,
        context_tokens=candidate.context_tokens,
    )
