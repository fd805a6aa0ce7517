"""How a stream that broke can go on: after what was said, anew, or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.events import is_delta
from service.chat.failures import Failure, Onward
from service.chat.target import Candidate
from service.policies import tokens
from service.policies.budget import Budget
from service.policies.per_target import PerTarget

MOST_CHARACTERS = 256 * 1024
"""Of an answer that somebody can go on with: it is kept until its end."""
MOST_REQUESTS = 2
"""To one target in one call, before it is not asked to go on any more: who breaks off twice would do so again."""


@dataclass(slots=True)
class Said:
    """What the caller has seen of an answer so far, as far as going on after it matters."""

    _texts: list[str] = field(default_factory=list)
    _length: int = 0
    part: int = 0
    """Index of the last part of text."""
    is_plain: bool = True
    """Text and nothing else: no thoughts, calls or state that the next model would have to know; and not too much."""

    def add(self, event: pb.ChatEvent) -> None:
        """Takes in what is shown to the caller."""
        if not self.is_plain:
            return
        if event.HasField("text_delta"):
            self._hear(event.text_delta)
        elif is_delta(event):
            self._forget()

    def _hear(self, delta: pb.TextDelta) -> None:
        self._texts.append(delta.text)
        self._length += len(delta.text)
        self.part = max(self.part, delta.part)
        if self._length > MOST_CHARACTERS:
            self._forget()

    def _forget(self) -> None:
        self.is_plain = False
        self._texts.clear()

    @property
    def text(self) -> str:
        """All of it, as long as it is plain."""
        return "".join(self._texts)


def modes_of(call: Call, failure: Failure, said: Said) -> Sequence[pb.ResetMode.ValueType]:
    """What can be tried after the failure of a stream, in this order, given what was said before it."""
    if failure.verdict.onward is not Onward.YES or call.conditions.recovery == pb.RECOVERY_FAIL:
        return ()
    modes = []
    if said.is_plain and said.text.strip() and not call.request.HasField("response_format"):
        modes.append(pb.RESET_MODE_CONTINUE)
    if call.conditions.recovery == pb.RECOVERY_RESTART:
        modes.append(pb.RESET_MODE_DISCARD)
    return modes


def may_ask(call: Call, candidate: Candidate, mode: pb.ResetMode.ValueType, budgets: PerTarget[Budget]) -> bool:
    """Whether a candidate takes part in the search: if it was asked before, its budget has to pay for that."""
    if mode == pb.RESET_MODE_CONTINUE and not candidate.takes_prefix:
        return False
    before = call.ledger.requests_to(candidate.target)
    return before == 0 or (before < MOST_REQUESTS and budgets[candidate.target].has_one)


def continued(request: pb.ChatRequest, said: str, model: str) -> pb.ChatRequest:
    """The question with what was said so far as the beginning of its answer, for which fewer tokens are left.

    Without blanks at the end, which a model that is to go on there must not see.
    """
    longer = pb.ChatRequest()
    longer.CopyFrom(request)
    longer.messages.add(role=pb.ROLE_ASSISTANT).parts.add(text=said.rstrip())
    if longer.HasField("max_output_tokens"):
        spent = tokens.estimate(said, tokens.weights_of(model))
        longer.max_output_tokens = max(1, longer.max_output_tokens - spent)
    return longer
