"""What callers saw against what the log tells: every call once, and as it must be."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from tests.soak.caller import Seen
from tests.soak.kinds import ANSWERS, AT_THE_CALLER, CANCELLED, LATE, OK, Kind


def logged(lines: Iterable[bytes]) -> Seen:
    """The access lines of a log, counted as callers count. Raises ValueError for a line that is no JSON."""
    told = (orjson.loads(line) for line in lines if b'"event":"call"' in line)
    return Seen((line["caller"], _outcome(line)) for line in told)


def _outcome(line: Mapping[str, Any]) -> str:
    return str(line["source"] if line["status"] == OK else line["status"])


def complaints(kinds: Sequence[Kind], seen: Seen, told: Seen) -> list[str]:
    """What is not as it must be; empty if all is well."""
    found = [complaint for kind in kinds for complaint in _of_kind(kind, _of(kind, seen), _of(kind, told))]
    strangers = {name for name, _ in told} - {kind.name for kind in kinds}
    return found + [f"the log tells of calls that nobody made: {name}" for name in sorted(strangers)]


def _of(kind: Kind, seen: Seen) -> Counter[str]:
    return Counter({outcome: count for (name, outcome), count in seen.items() if name == kind.name})


def _of_kind(kind: Kind, ours: Counter[str], theirs: Counter[str]) -> Iterator[str]:
    for outcome, count in ours.items():
        if outcome not in kind.ends:
            yield f"{kind.name}: {count} calls ended {outcome}, which they never should"
    if not (_may_be_late(ours, theirs) if LATE in kind.ends else ours == theirs):
        yield f"{kind.name}: callers saw {dict(ours)}, the log tells of {dict(theirs)}"


def _may_be_late(ours: Counter[str], theirs: Counter[str]) -> bool:
    """Where the service told, both agree; the others it saw late as well, or saw leave, or never saw."""
    unsaid = theirs[LATE] - ours[LATE]
    return theirs.keys() <= {LATE, CANCELLED} and unsaid >= 0 and unsaid + theirs[CANCELLED] <= ours[AT_THE_CALLER]


def failures(seen: Seen) -> int:
    """Calls that got no answer."""
    return sum(count for (_, outcome), count in seen.items() if outcome not in ANSWERS)
