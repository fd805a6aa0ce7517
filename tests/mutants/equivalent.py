"""Mutants that no test could kill, because they do the same: a list with reasons, which must stay true."""

import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.mutant import Mutant
from tests.mutants.outcome import Outcome

LIST = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True, slots=True)
class Equivalent:
    """A change that changes nothing, and why; known by its text, so that it is missed when the code changes."""

    file: str
    within: str
    was: str
    becomes: str
    why: str

    def is_about(self, mutant: Mutant) -> bool:
        """Whether it is this one."""
        return (mutant.path, mutant.within, mutant.was, mutant.becomes) == (
            self.file,
            self.within,
            self.was.strip(),
            self.becomes.strip(),
        )


def equivalents(path: Path = LIST) -> list[Equivalent]:
    """The list; raises TypeError for an entry that says too little or too much."""
    return [Equivalent(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("equivalent", [])]


def reason(mutant: Mutant, known: Iterable[Equivalent]) -> str | None:
    """Why nobody could notice it; None if it is not in the list."""
    return next((entry.why for entry in known if entry.is_about(mutant)), None)


def untrue(
    known: Iterable[Equivalent], every: Sequence[Mutant], results: Iterable[tuple[Mutant, Outcome]]
) -> Iterator[str]:
    """What is wrong with the list: entries without a mutant, and mutants that a test notices after all."""
    noticed = [mutant for mutant, outcome in results if outcome is not Outcome.SURVIVED]
    for entry in known:
        about = f"{LIST.name}: {entry.file}, {entry.within or 'module'}: {entry.was!r} to {entry.becomes!r}"
        if not any(entry.is_about(mutant) for mutant in every):
            yield f"{about}: there is no such mutant"
        elif any(entry.is_about(mutant) for mutant in noticed):
            yield f"{about}: a test notices it"
