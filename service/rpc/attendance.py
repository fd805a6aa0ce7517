"""What every RPC is given at the edge: a place in the drain, a deadline, and an ending that its caller understands."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NoReturn, TypeVar

import grpc
import structlog

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.rpc import metadata, status
from service.rpc.arrival import Arrival, ServicerContext
from service.rpc.drain import Drain, Stay
from service.rpc.provenance import provenance_of
from service.rpc.terms import Terms

T = TypeVar("T")

log = structlog.get_logger()


class Attendance:
    """Lets one RPC do its work and tells its caller what came of it. Used once."""

    def __init__(self, terms: Terms, drain: Drain, arrival: Arrival, context: ServicerContext) -> None:
        self._terms = terms
        self._arrival = arrival
        self._record = arrival.record
        self._context = context
        self.stay = Stay(drain)

    def seconds(self, default: float) -> float:
        """How long the caller waits; `default` if it did not say, and never longer than anybody may."""
        asked = _asked(self._context)
        return min(default if asked is None else asked, self._terms.max_deadline)

    async def through(self, work: Callable[[], Awaitable[T]]) -> T:
        """The result of the work; else the RPC is ended with the status that says why there is none."""
        try:
            result = await self.stay.through(work)
        except asyncio.CancelledError:
            self._arrival.tell(grpc.StatusCode.CANCELLED)
            raise
        except grpc.aio.InternalError as error:  # a write that was under way when its caller left
            self._arrival.tell(grpc.StatusCode.CANCELLED)
            raise asyncio.CancelledError from error
        except status.Refusal as refusal:
            ending = status.refused(refusal, self._provenance() if self._record.call else None)
        except Failure as failure:
            ending = status.failed(failure, self._provenance())
        except Exception:
            about = self._record
            ids = {"request_id": about.request_id, "trace_id": about.trace_id, "span_id": about.span_id}
            log.exception("a call met a bug", **ids)
            ending = status.internal()
        else:
            self._context.set_trailing_metadata(self._arrival.trailers())
            self._arrival.tell(grpc.StatusCode.OK)
            return result
        self._arrival.tell(ending.code, ending.reason)
        return await self._abort(ending)

    async def _abort(self, ending: status.Ending) -> NoReturn:
        pushback = ((metadata.PUSHBACK, "-1"),) if ending.pushback else ()
        trailers = (*self._arrival.trailers(), *pushback, (metadata.DETAILS, ending.details))
        await self._context.abort(ending.code, ending.message, trailers)

    def _provenance(self) -> pb.Provenance:
        return provenance_of(self._record, self._terms.now())


def _asked(context: ServicerContext) -> float | None:
    return context.time_remaining()  # None without a deadline, which the type stubs do not know
