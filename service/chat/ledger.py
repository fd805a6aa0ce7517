"""The attempts of one call, as they happened."""

from collections.abc import Iterator, Sequence

from mainstay import v1 as pb
from service.chat.elapsed import put
from service.chat.target import Target


class Ledger:
    """An append-only list of attempts, shared by all copies of a Call: the one mutable thing in it.

    A row is opened when its request is about to be made, and written to by the attempt layer until its outcome is set.
    """

    def __init__(self) -> None:
        self._rows: list[pb.Attempt] = []
        self._host: Ledger | None = None
        self._in_hand: Sequence[pb.ChatEvent] = ()
        self.joined_call_id = ""
        """Of the call whose attempts brought this one's answer, or failed for it, too. Empty: it made its own."""

    def open(self, target: Target, cause: pb.AttemptCause.ValueType, started_after: float) -> pb.Attempt:
        """Adds a row for a request to `target`, `started_after` seconds after the call arrived."""
        row = pb.Attempt(number=len(self._rows) + 1, provider=target.provider, model=target.model, cause=cause)
        put(row.started_after, started_after)
        self._rows.append(row)
        return row

    def skip(
        self,
        target: Target,
        failure: pb.FailureKind.ValueType,
        why: str,
        cause: pb.AttemptCause.ValueType = pb.ATTEMPT_CAUSE_FALLBACK,
    ) -> None:
        """Adds a row for a target that was not asked, though `cause` would have been a reason to."""
        row = pb.Attempt(
            number=len(self._rows) + 1,
            provider=target.provider,
            model=target.model,
            cause=cause,
            outcome=pb.ATTEMPT_OUTCOME_SKIPPED,
            failure=failure,
            detail=why,
            cost_nano_usd=0,
        )
        self._rows.append(row)

    def join(self, call_id: str, host: "Ledger") -> None:
        """From now on another call makes the attempts, and `host` has them."""
        self.joined_call_id, self._host = call_id, host

    def hold(self, events: Sequence[pb.ChatEvent]) -> None:
        """Keeps a whole answer that has not got the form that was asked for, in place of the last one."""
        self._in_hand = events

    @property
    def in_hand(self) -> Sequence[pb.ChatEvent]:
        """The last answer of that kind, to be copied; empty: there is none."""
        return self._in_hand or (self._host.in_hand if self._host is not None else ())

    @property
    def is_flawed(self) -> bool:
        """Whether the attempt that answered had something to remark: that a piece of the answer could not be read."""
        answered = pb.ATTEMPT_OUTCOME_ANSWERED
        own = any(row.detail for row in self._rows if row.outcome == answered)
        return own or (self._host is not None and self._host.is_flawed)

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return sum(1 for _ in self._made())

    def requests_to(self, target: Target) -> int:
        """How many of them were made to one target."""
        return sum(1 for _ in self._made_to(target))

    @property
    def answered(self) -> int:
        """Number of the latest request that was answered or is being answered; 0: there is none."""
        lost = (pb.ATTEMPT_OUTCOME_FAILED, pb.ATTEMPT_OUTCOME_ABANDONED)
        return max((row.number for row in self._made() if row.outcome not in lost), default=0)

    @property
    def answered_by(self) -> Target | None:
        """Whom that one was made to."""
        number = self.answered
        return Target(self._rows[number - 1].provider, self._rows[number - 1].model) if number else None

    def has_answer_of(self, target: Target) -> bool:
        """Whether a request to it was answered, of whatever use that was."""
        return any(row.outcome == pb.ATTEMPT_OUTCOME_ANSWERED for row in self._made_to(target))

    @property
    def latest(self) -> int:
        """Number of the latest request; 0: there was none."""
        return max((row.number for row in self._made()), default=0)

    def latest_of(self, target: Target) -> int:
        """Number of the latest request to the target; 0: there was none."""
        return max((row.number for row in self._made_to(target)), default=0)

    @property
    def cost(self) -> int | None:
        """Nanodollars of all attempts that are over; 0: nothing was spent. None: what one of them cost is unknown."""
        total = 0
        for row in self._rows:
            if not row.HasField("cost_nano_usd"):
                return None
            total += row.cost_nano_usd
        return total

    def _made(self) -> Iterator[pb.Attempt]:
        """The rows of requests: not those of targets that were passed over."""
        return (row for row in self._rows if row.outcome != pb.ATTEMPT_OUTCOME_SKIPPED)

    def _made_to(self, target: Target) -> Iterator[pb.Attempt]:
        return (row for row in self._made() if (row.provider, row.model) == (target.provider, target.model))

    def __iter__(self) -> Iterator[pb.Attempt]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
