"""How calls fail, sorted by what a caller does about it.

MainstayError           anything else, such as INTERNAL: report it with its trace id
├── InvalidRequest      change the request; asking again is useless
├── NotFound            name another model: `list_models` tells which there are; NOT_CACHED: let a model be asked
├── Unavailable         ask again later, after `retry_after` if there is one
├── DeadlineExceeded    allow more time, or ask for less
├── Cancelled           nothing: the call was given up
└── IncompleteStream    forget what came, the answer is not whole; asking again may help
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import grpc

from mainstay import v1 as pb
from mainstay.reasons import Reason


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with a request."""

    field: str
    """Path in ChatRequest, such as messages[2].role."""
    description: str


@dataclass(eq=False, repr=False)
class MainstayError(Exception):
    """A call that failed. Decide on the class first, then on `reason`; `message` is for people."""

    message: str
    code: grpc.StatusCode = field(default=grpc.StatusCode.UNKNOWN, kw_only=True)
    """The gRPC status. UNKNOWN where no server said one."""
    reason: Reason | str = field(default="", kw_only=True)
    """Empty: the answer is not Mainstay's, so nobody was reached or something stands in between."""
    metadata: Mapping[str, str] = field(default_factory=dict, kw_only=True)
    """What belongs to the reason, from ErrorInfo."""
    violations: tuple[Violation, ...] = field(default=(), kw_only=True)
    """What is wrong with the request."""
    retry_after: float | None = field(default=None, kw_only=True)
    """Seconds after which asking again makes sense. None: the server did not say."""
    call_failure: pb.CallFailure | None = field(default=None, kw_only=True)
    """The kind of failure and, in `provenance.attempts`, who was asked and how that ended."""
    request_id: str = field(default="", kw_only=True)
    trace_id: str = field(default="", kw_only=True)
    """W3C trace id of the call, to look it up or to report it."""

    def __str__(self) -> str:
        marks = [self.code.name, self.reason, self.trace_id and f"trace {self.trace_id}"]
        return f"{self.message} [{', '.join(mark for mark in marks if mark)}]"


class InvalidRequest(MainstayError):
    """The request cannot be answered as it is: change it."""


class NotFound(MainstayError):
    """There is no model of this name; or, with reason NOT_CACHED, no answer in the cache and none else was wanted."""


class Unavailable(MainstayError):
    """Nobody could answer just now: ask again later."""


class DeadlineExceeded(MainstayError):
    """The time for the call ran out."""


class Cancelled(MainstayError):
    """The call was given up: by the server, or because its client was closed."""


class IncompleteStream(MainstayError):
    """A stream that is no whole answer: it ended without `completed`, or an event is missing or misplaced."""


CLASSES: Mapping[grpc.StatusCode, type[MainstayError]] = {
    grpc.StatusCode.INVALID_ARGUMENT: InvalidRequest,
    grpc.StatusCode.FAILED_PRECONDITION: InvalidRequest,  # no target can do what the request needs
    grpc.StatusCode.NOT_FOUND: NotFound,
    grpc.StatusCode.UNAVAILABLE: Unavailable,
    grpc.StatusCode.DEADLINE_EXCEEDED: DeadlineExceeded,
    grpc.StatusCode.CANCELLED: Cancelled,
}
