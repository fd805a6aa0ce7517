"""Tries many mutants, two at a time, each in a copy of the project."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

from tests.mutants.mutant import Mutant
from tests.mutants.outcome import Outcome, outcome_of
from tests.mutants.trial import copy, everything, tried

Results = list[tuple[Mutant, Outcome]]
AT_ONCE = 2
_LONGEST = 300
"""Seconds of a processor that all the tests may take without a mutant."""
_GRACE = 15
"""On top of what they took: more than a start of Python on a slow machine."""
_SLOWER = 2
"""Times as long as without a mutant, at most."""


class CannotTell(Exception):
    """The tests say nothing about mutants: they fail without any."""


async def tried_all(
    root: Path, chosen: Sequence[Mutant], scratch: Path, results: Results, tell: Callable[[Results], None]
) -> None:
    """Puts what becomes of each into `results`, of which `tell` then hears. Raises CannotTell."""
    folders = [scratch / str(number) for number in range(AT_ONCE)]
    seconds = await _prepared(root, folders)
    todo = iter(chosen)

    async def work(folder: Path) -> None:
        for mutant in todo:  # shared: each takes the next
            results.append((mutant, await tried(mutant, folder, seconds)))
            tell(results)

    async with asyncio.TaskGroup() as workers:
        for folder in folders:
            workers.create_task(work(folder))


async def _prepared(root: Path, folders: Sequence[Path]) -> tuple[int, int]:
    """Makes the copies, runs the tests once, and says how long a mutant's own tests and all of them may take."""
    first, *others = folders
    copy(root, first)
    before = _used()
    outcome = await outcome_of(first, everything(first), _LONGEST, compiles=True)
    took = _used() - before
    if outcome is not Outcome.SURVIVED:
        raise CannotTell(f"without any mutant the tests do not pass: make test TESTS='{' '.join(everything(root))}'")
    for other in others:
        shutil.copytree(first, other)
    return max(_GRACE, took), _GRACE + _SLOWER * took


def _used() -> int:
    """Seconds of a processor that child processes took, those that have ended."""
    usage = getrusage(RUSAGE_CHILDREN)
    return round(usage.ru_utime + usage.ru_stime)
