"""The rounds: every program in turn, again and again, because the machine's speed drifts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tests.bench.house import House
from tests.bench.load import Load, load
from tests.bench.measurements import Key, Run

Tell = Callable[[str], None]
"""Hears what is being done, for people who wait."""
Sent = Counter[tuple[str, str]]
"""Calls by program and request."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run took."""

    cpu: float
    """Microseconds per call, or chunk."""
    load: Load


Rounds = Sequence[Mapping[Key, Taken]]


class Bench:
    """Asks the programs of a house, and counts what it asked for."""

    def __init__(self, house: House, tell: Tell) -> None:
        self._house = house
        self._tell = tell
        self.sent = Sent()

    def warm_up(self, runs: Sequence[Run], calls: int) -> None:
        """Every program at every kind of work, unmeasured."""
        for run in runs:
            self._tell(f"warm-up: {run.key.kind.title}, {run.key.program}")
            fewer = max(1, calls // 10 if run.ask.streamed or run.ask.at_once == 1 else calls)
            self._load(replace(run, ask=replace(run.ask, calls=fewer)))

    def rounds(self, runs: Sequence[Run], count: int) -> Rounds:
        """As many; every other one in reverse, so that nobody always comes after the same neighbour."""
        taken = []
        for number in range(count):
            order = runs if number % 2 == 0 else runs[::-1]
            taken.append({run.key: self._measure(run, f"round {number + 1} of {count}") for run in order})
        return taken

    def first_call(self, run: Run) -> float:
        """Milliseconds that a single call takes."""
        return self._load(replace(run, ask=replace(run.ask, calls=1, at_once=1))).p50

    def _measure(self, run: Run, which: str) -> Taken:
        self._tell(f"{which}: {run.key.kind.title}, {run.key.program}")
        program = self._house.measured[run.key.program]
        before = program.cpu()
        load = self._load(run)
        return Taken((program.cpu() - before) * 1e6 / run.units, load)

    def _load(self, run: Run) -> Load:
        self.sent[run.key.program, run.ask.body.stem] += run.ask.calls
        return load(self._house.tools.bload, self._house.measured[run.key.program].port, run.ask)


def costs(rounds: Rounds) -> dict[Key, list[float]]:
    """CPU microseconds per call or chunk, round by round."""
    return {key: [taken[key].cpu for taken in rounds] for key in rounds[0]}
