"""Writes into the row of an attempt that is over what it cost, as far as that is known."""

from collections.abc import Callable

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.target import Target
from service.policies import tokens
from service.policies.cost import BILLED, Tariff, cost
from service.policies.estimates import Estimates

TariffOf = Callable[[Target], Tariff | None]
"""What a model costs. None: nobody knows."""


def unpriced(target: Target) -> None:
    """Nobody knows what anything costs."""


class Billing:
    """An answer costs what its provider counted; an attempt that was lost, what it can have used, estimated."""

    def __init__(self, tariff_of: TariffOf, wall: Callable[[], float], estimates: Estimates | None = None) -> None:
        """`wall` gives seconds since 1970: some prices depend on the hour."""
        self._tariff_of = tariff_of
        self._wall = wall
        self._estimates = estimates or Estimates()

    def charge(self, call: Call, row: pb.Attempt, heard: int) -> None:
        """Sets the cost, and for a lost attempt its usage; what is unknown stays unset.

        `heard`: bytes of its answer that came.
        """
        if _was_turned_away(row, heard):
            row.cost_nano_usd = 0
            return
        tariff = self._tariff_of(call.target)
        if tariff is None:
            return
        if row.outcome != pb.ATTEMPT_OUTCOME_ANSWERED:
            self._estimate(call, row, heard)
        if row.HasField("usage"):
            nano = cost(tariff, row.usage, self._wall())
            if nano is not None:
                row.cost_nano_usd = nano

    def _estimate(self, call: Call, row: pb.Attempt, heard: int) -> None:
        asked = self._estimates.of_request(call.request, call.target)
        if asked is not None:
            row.usage.CopyFrom(pb.Usage(input_tokens=asked, output_tokens=tokens.of_bytes(heard), estimated=True))


UNPRICED = Billing(unpriced, lambda: 0.0)
"""Knows what was turned away, and nothing else."""


def _was_turned_away(row: pb.Attempt, heard: int) -> bool:
    if row.outcome == pb.ATTEMPT_OUTCOME_SKIPPED:
        return True
    return row.outcome == pb.ATTEMPT_OUTCOME_FAILED and row.failure not in BILLED and not heard
