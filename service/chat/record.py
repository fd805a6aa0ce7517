"""What the edge knows of one call: all that its provenance, its access line and its metrics are made of."""

from dataclasses import dataclass

from mainstay import v1 as pb
from service.chat.call import Call


@dataclass(slots=True, kw_only=True)
class Record:
    """Filled in as the call goes on. Times are on the call's clock, in seconds."""

    method: str
    caller: str
    request_id: str
    model: str
    """What the caller asked for, cut to a bound."""
    trace_id: str
    """W3C, in hex."""
    span_id: str
    """W3C, in hex: the server's span."""
    arrived: float
    call: Call | None = None
    """None: it was turned away."""
    started: pb.Started | None = None
    """Whose answer it is. None: nobody answered."""
    first_token: float | None = None
    """When a stream was committed."""
    usage: pb.Usage | None = None
    """Of the answer, once it is complete."""
    ended: float = 0.0
    """When its outcome was known; like the next two, set once, at the end."""
    status: str = ""
    """By its gRPC name."""
    reason: str = ""
    """As in ErrorInfo; empty if it ended well, or its caller left."""
