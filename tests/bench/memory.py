"""What each program holds, and how much longer its first call takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.bench.table import aligned

MIB = 2**20
IDLE_AIM, FIRST_AIM = 110.0, 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Of one program; bytes and milliseconds."""

    idle: int
    """Before its first call."""
    after: int
    """After all rounds."""
    first: float
    """The first call."""
    steady: float | None
    """A call alone, p50; None: not measured."""

    @property
    def first_ratio(self) -> float | None:
        """First call ÷ steady."""
        return self.first / self.steady if self.steady else None


def memory_table(holdings: Mapping[str, Holding]) -> str:
    """A row for each program."""
    head = ("program", "idle MiB", "after MiB", "first call ms", "/ steady")
    return aligned([head, *(_row(name, holding) for name, holding in holdings.items())])


def _row(name: str, holding: Holding) -> Sequence[str]:
    ratio = holding.first_ratio
    return (
        name,
        f"{holding.idle / MIB:.0f}",
        f"{holding.after / MIB:.0f}",
        f"{holding.first:.1f}",
        f"{ratio:.1f}" if ratio else "-",
    )
