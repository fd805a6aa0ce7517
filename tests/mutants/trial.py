"""Tries a mutant: runs the tests that could notice it, in a copy of the project."""

import importlib.util
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.mutants.mutant import Mutant
from tests.mutants.outcome import Outcome, outcome_of

COPIED = ("service", "clients/python", "tests", "pyproject.toml")
TESTS = ("tests/policies", "tests/pipeline", "tests/properties", "tests/stories")
"""Those that could notice a change of a policy or a layer; the slowest last."""


def copy(root: Path, into: Path) -> None:
    """What the tests need of the project, to be changed at will."""
    for name in COPIED:
        if (root / name).is_dir():
            shutil.copytree(root / name, into / name)
        elif (root / name).exists():
            shutil.copy2(root / name, into / name)


async def tried(mutant: Mutant, folder: Path, seconds: Sequence[int]) -> Outcome:
    """What becomes of the mutant in this copy; `seconds` of a processor are what its own tests and all may take."""
    todo = stages(folder, mutant.path)
    with changed(mutant, folder):
        for tests, most in zip(todo, seconds[-len(todo) :], strict=True):
            outcome = await outcome_of(folder, tests, most)
            if outcome is not Outcome.SURVIVED:
                return outcome
    return Outcome.SURVIVED


def stages(folder: Path, path: str) -> list[tuple[str, ...]]:
    """The tests of a file: first those of its own, then all that could notice."""
    own = Path("tests", *Path(path).parts[1:]).with_name(f"test_{Path(path).name}")
    return [(str(own),), everything(folder)] if (folder / own).exists() else [everything(folder)]


def everything(folder: Path) -> tuple[str, ...]:
    """The folders of tests that are there."""
    return tuple(tests for tests in TESTS if (folder / tests).exists())


@contextmanager
def changed(mutant: Mutant, folder: Path) -> Iterator[None]:
    """Has the mutant in its file; afterwards the file is as it was."""
    file = folder / mutant.path
    original = file.read_text(encoding="utf-8")
    # Compiled code is believed if its file has the same second and the same length, as a mutant may.
    Path(importlib.util.cache_from_source(file)).unlink(missing_ok=True)
    file.write_text(mutant.source, encoding="utf-8")
    try:
        yield
    finally:
        file.write_text(original, encoding="utf-8")
