"""What is said of the mutants at the end."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import indent

from tests.mutants.equivalent import Equivalent, reason
from tests.mutants.mutant import Mutant
from tests.mutants.outcome import Outcome

LEAST = 85
"""Per cent that must be killed."""
_Results = Sequence[tuple[Mutant, Outcome]]


def survivors(results: _Results, known: Iterable[Equivalent]) -> Iterator[str]:
    """Each that nothing noticed: where, the change, and why nothing could, if that is known."""
    entries = list(known)
    for mutant in _with(Outcome.SURVIVED, results):
        why = reason(mutant, entries)
        yield f"{mutant.path}:{mutant.line}  {mutant.within}".rstrip()
        yield from (indent(text, f"  {sign} ") for sign, text in (("-", mutant.was), ("+", mutant.becomes)) if text)
        yield f"  equivalent: {why}\n" if why else "  NO TEST NOTICES\n"


def apart(results: _Results) -> Iterator[str]:
    """Those that were killed without a test having failed."""
    for outcome in (Outcome.TIMED_OUT, Outcome.NOT_IMPORTED):
        if found := _with(outcome, results):
            yield f"{len(found)} {outcome.value}: {', '.join(f'{one.path}:{one.line}' for one in found)}"


def last_line(results: _Results) -> str:
    """For machines."""
    killed = len(results) - survived(results)
    return f"mutants: killed={killed}/{len(results)} ({100 * killed / max(1, len(results)):.1f} %)"


def enough(results: _Results) -> bool:
    """Whether the tests noticed as many as they must."""
    return (len(results) - survived(results)) * 100 >= LEAST * len(results)


def survived(results: _Results) -> int:
    """How many nothing noticed."""
    return len(_with(Outcome.SURVIVED, results))


def _with(outcome: Outcome, results: _Results) -> list[Mutant]:
    return sorted((mutant for mutant, one in results if one is outcome), key=lambda mutant: (mutant.path, mutant.line))
