"""Whom a request is told to, and what had to be changed of it for that."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from mainstay import v1 as pb

_INDEX = re.compile(r"\[\d+\]")


class Refusing(Protocol):
    """What the dialects of all protocols have: paths of a request, without indexes, that the vendor refuses."""

    @property
    def drops(self) -> AbstractSet[str]:
        """What must never be said."""
        ...

    @property
    def thinking_drops(self) -> AbstractSet[str]:
        """What must not be said while the model thinks."""
        ...


D_co = TypeVar("D_co", bound=Refusing, covariant=True)


@dataclass(frozen=True, slots=True)
class Listener(Generic[D_co]):
    """One provider for the time of one request; the changes are noted while the request is written.

    To be made by this name: a name with its dialect is for types only.
    """

    provider: str
    dialect: D_co
    thinks: bool = False
    """The model will think about this request."""
    _noted: dict[tuple[str, int, str], pb.Adjustment] = field(default_factory=dict)

    @property
    def changes(self) -> list[pb.Adjustment]:
        """What had to be changed so far. What was done alike to elements of one list is told by the first of them."""
        return list(self._noted.values())

    def refuses(self, droppable: str) -> bool:
        """Whether this path, without indexes, must not be said."""
        return droppable in self.dialect.drops or (self.thinks and droppable in self.dialect.thinking_drops)

    def leaves_out(self, name: str) -> bool:
        """Whether this field must not be said; if so, notes that it was left out."""
        if refused := self.refuses(name):
            self.drops(name)
        return refused

    def within(self, value: float, limits: tuple[float, float], path: str) -> float:
        """The value, or the nearest that is taken, which is noted then. `limits`: the least and the most."""
        least, most = limits
        within = min(max(value, least), most)
        if within != value:
            self.clamps(path, within)
        return within

    def drops(self, path: str, why: str = "this provider does not take it") -> None:
        """Notes that a field was left out."""
        self._change(path, pb.ADJUSTMENT_ACTION_DROPPED, why)

    def clamps(self, path: str, to: object) -> None:
        """Notes that a value was moved to the nearest one that is taken."""
        self._change(path, pb.ADJUSTMENT_ACTION_CLAMPED, f"to {to}")

    def downgrades(self, path: str, to: str) -> None:
        """Notes that something weaker stands in."""
        self._change(path, pb.ADJUSTMENT_ACTION_DOWNGRADED, to)

    def _change(self, path: str, action: pb.AdjustmentAction.ValueType, detail: str) -> None:
        change = pb.Adjustment(field=path, action=action, detail=detail)
        self._noted.setdefault((_INDEX.sub("", path), action, detail), change)


AnyListener = Listener[Refusing]
"""Of whatever protocol."""
