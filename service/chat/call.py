"""A chat request on its way through the layers."""

from dataclasses import dataclass, field

from opentelemetry.context import Context

from mainstay import v1 as pb
from service.chat.clocks import Clocks
from service.chat.ledger import Ledger
from service.chat.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A question and the conditions under which it is to be answered.

    Layers pass on changed copies (`dataclasses.replace`); the ledger alone is shared. The request is read-only.
    `arrived` and `deadline` are seconds of the monotonic clock that the layers were given as `now`.
    """

    id: str
    request: pb.ChatRequest
    caller: str
    streamed: bool
    """How the caller asked: True for ChatStream, False for Chat."""
    arrived: float
    deadline: float
    target: Target
    route: str = ""
    clocks: Clocks = field(default_factory=Clocks)
    cause: pb.AttemptCause.ValueType = pb.ATTEMPT_CAUSE_FIRST
    ledger: Ledger = field(default_factory=Ledger)
    attempt: pb.Attempt | None = None
    """The ledger row of the attempt being made: whoever learns more about it notes it there."""
    context: Context = field(default_factory=Context)
    """Holds the span that is the parent of whatever happens next. Passed on by hand: no span is ever "current"."""
