"""What the edge gives every call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from opentelemetry.context import Context
from opentelemetry.trace import Tracer

from mainstay import v1 as pb
from service.chat.counting import Count, Size
from service.chat.record import Record
from service.chat.routes import Routes
from service.chat.target import Candidate, Target


async def _nobody_counts(request: pb.ChatRequest, targets: Sequence[Target]) -> Sequence[Size]:
    return [Size(None) for _ in targets]


def _as_they_stand(request: pb.ChatRequest, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    return candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the edge gives every call. Times in seconds; `now` is the monotonic clock."""

    routes: Routes
    tracer: Tracer
    extract: Callable[[dict[str, str]], Context]
    """The caller's trace, from its metadata."""
    began: Callable[[str], None]
    """Is told the method of a call that has come in; like `ended`, must not raise and must not wait."""
    ended: Callable[[Record], None]
    """Is told of each call once, when its outcome is known."""
    version: str
    default_deadline_unary: float
    default_deadline_stream: float
    max_deadline: float
    now: Callable[[], float]
    in_order: Callable[[pb.ChatRequest, Sequence[Candidate]], Sequence[Candidate]] = _as_they_stand
    """The candidates of a route in the order in which they are tried for a request: the same ones, all of them."""
    count: Count = _nobody_counts
    """How large a question is for each target."""
