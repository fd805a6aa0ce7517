"""The attempts of one call, as they happened."""

from collections.abc import Iterator

from mainstay import v1 as pb
from service.chat.elapsed import put
from service.chat.target import Target


class Ledger:
    """An append-only list of attempts, shared by all copies of a Call: the one mutable thing in it.

    A row is opened when its request is about to be made, and written to by the attempt layer until its outcome is set.
    """

    def __init__(self) -> None:
        self._rows: list[pb.Attempt] = []

    def open(self, target: Target, cause: pb.AttemptCause.ValueType, started_after: float) -> pb.Attempt:
        """Adds a row for a request to `target`, `started_after` seconds after the call arrived."""
        row = pb.Attempt(number=len(self._rows) + 1, provider=target.provider, model=target.model, cause=cause)
        put(row.started_after, started_after)
        self._rows.append(row)
        return row

    def skip(self, target: Target, failure: pb.FailureKind.ValueType, why: str) -> None:
        """Adds a row for a target that was not asked."""
        row = pb.Attempt(
            number=len(self._rows) + 1,
            provider=target.provider,
            model=target.model,
            cause=pb.ATTEMPT_CAUSE_FALLBACK,
            outcome=pb.ATTEMPT_OUTCOME_SKIPPED,
            failure=failure,
            detail=why,
            cost_nano_usd=0,
        )
        self._rows.append(row)

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return sum(row.outcome != pb.ATTEMPT_OUTCOME_SKIPPED for row in self._rows)

    @property
    def latest(self) -> int:
        """Number of the latest row that is not of a skipped target; 0: there is none."""
        return max((row.number for row in self._rows if row.outcome != pb.ATTEMPT_OUTCOME_SKIPPED), default=0)

    @property
    def cost(self) -> int | None:
        """Nanodollars of all attempts that are over; 0: nothing was spent. None: what one of them cost is unknown."""
        total = 0
        for row in self._rows:
            if not row.HasField("cost_nano_usd"):
                return None
            total += row.cost_nano_usd
        return total

    def __iter__(self) -> Iterator[pb.Attempt]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
