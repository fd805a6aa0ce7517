"""Leave to send one request to a target: what the lease gives, and what it hears in return."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from service.chat.reply import Ending  # which knows calls, which know this


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a provider says of one of its limits."""

    limit: float
    """What it holds in all; over which time is not said."""
    remaining: float
    resets_in: float | None = None
    """Seconds until all of it is there again; None: untold."""


@dataclass(frozen=True, slots=True)
class Allowances:
    """What a provider says of its limits; None: nothing."""

    requests: Allowance | None = None
    tokens: Allowance | None = None


class Permit(Protocol):
    """For one request, whatever becomes of it."""

    @property
    def key(self) -> int:
        """Which of the provider's keys it is for, by its position."""
        ...

    def heard(self, said: Allowances) -> None:
        """Takes in what the answer says of the provider's limits."""
        ...

    def ended(self, ending: "Ending") -> None:
        """Gives it back. Only the first time counts: whoever sends the request says so, and whoever got the permit."""
        ...
