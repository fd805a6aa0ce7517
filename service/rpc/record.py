"""What the edge knows of one call: all that its provenance and its access line are made of."""

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
