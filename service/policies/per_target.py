"""State kept for each target, for as many targets as matter."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from service.chat.target import Target

T = TypeVar("T")
MOST = 1024


class PerTarget(Generic[T]):
    """Makes a target's state when it is first asked for, and forgets the least recently used: callers choose names."""

    def __init__(self, make: Callable[[Target], T], most: int = MOST) -> None:
        self._make = make
        self._most = most
        self._states: OrderedDict[Target, T] = OrderedDict()

    def __getitem__(self, target: Target) -> T:
        state = self._states.get(target)
        if state is None:
            state = self._states[target] = self._make(target)
            if len(self._states) > self._most:
                self._states.popitem(last=False)
        else:
            self._states.move_to_end(target)
        return state

    def get(self, target: Target) -> T | None:
        """What there is, without making or preferring it."""
        return self._states.get(target)

    def __iter__(self) -> Iterator[Target]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)
