"""A chat request on its way through the layers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from opentelemetry.trace import INVALID_SPAN, Span

from mainstay import v1 as pb
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.chat.horizon import Horizon
from service.chat.ledger import Ledger
from service.chat.permit import Permit
from service.chat.so_far import SoFar
from service.chat.target import Candidate, Target

__all__ = ["Call", "bound_for", "changed"]


def _nobody_listens() -> None:
    """Nobody wants to know."""


@dataclass(frozen=True, kw_only=True)  # without slots: a changed copy is the copy of one dict
class Call:
    """A question and the conditions under which it is to be answered.

    Layers pass on changed copies (`changed`); the ledger alone is shared. The request is read-only.
    `arrived` and `deadline` are seconds of the monotonic clock that the layers were given as `now`. The deadline may
    move while several callers wait for one answer: look at it when it is needed, and do not keep it.
    """

    id: str
    request: pb.ChatRequest
    caller: str
    streamed: bool
    """How the caller asked: True for ChatStream, False for Chat."""
    arrived: float
    horizon: Horizon
    candidates: Sequence[Candidate]
    """Whom it may go to, in order; at least one."""
    target: Target
    """Whom it goes to now; at first the first candidate."""
    route: str = ""
    """The name that the caller used; empty if it named provider/model."""
    conditions: Conditions = field(default_factory=Conditions)
    question: bytes = b""
    """The same for calls that may share an answer while it is on its way. Empty: this one is shared with nobody."""
    clocks: Clocks = field(default_factory=Clocks)
    """The conditions' clocks, tightened by those of the target's provider."""
    cause: pb.AttemptCause.ValueType = pb.ATTEMPT_CAUSE_FIRST
    ledger: Ledger = field(default_factory=Ledger)
    attempt: pb.Attempt | None = None
    """The ledger row of the attempt being made: whoever learns more about it notes it there."""
    so_far: SoFar = field(default_factory=SoFar)
    """How much that attempt has brought: whoever reads from the provider notes it there."""
    permit: Permit | None = None
    """That of the request being made: with which key, and whom to tell what becomes of it."""
    spoke: Callable[[], None] = _nobody_listens
    """To be told that the provider's first delta has arrived."""
    behind: Callable[[], Sequence[Candidate]] | None = None
    """Gives those who may still be asked after the target; None: all candidates that stand after it."""
    insists: bool = False
    """The target is asked even if its circuit is open: nobody else is left."""
    span: Span = INVALID_SPAN
    """The parent of whatever happens next. Passed on by hand: no span is ever "current"."""

    @property
    def deadline(self) -> float:
        """Until when an answer is of use."""
        return self.horizon.at

    @property
    def others(self) -> Sequence[Candidate]:
        """Who may still be asked after the target, in their order."""
        left = self.candidates if self.behind is None else self.behind()
        for place, candidate in enumerate(left):
            if candidate.target == self.target:
                return left[place + 1 :]
        return () if self.behind is None else left

    @property
    def asks_for_stream(self) -> bool:
        """Whether the provider is to stream its answer."""
        return self.streamed or self.conditions.upstream_stream


if TYPE_CHECKING:
    from dataclasses import replace as changed  # whose fields mypy checks
else:

    def changed(call: Call, **fields: object) -> Call:
        """A copy of the call in which some fields are others; `dataclasses.replace` takes ten times as long."""
        copy = object.__new__(Call)
        copy.__dict__.update(call.__dict__, **fields)
        return copy


def bound_for(call: Call, candidate: Candidate, cause: pb.AttemptCause.ValueType) -> Call:
    """The call as it goes to a candidate, whose own clocks hold, too."""
    clocks = call.conditions.clocks.tightened(candidate.clocks)
    return changed(call, target=candidate.target, clocks=clocks, cause=cause)
