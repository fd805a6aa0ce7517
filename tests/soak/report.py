"""What a soak says at its end."""

from collections.abc import Iterator

from tests.bench.table import aligned
from tests.soak.both_ends import failures
from tests.soak.caller import Seen
from tests.soak.kinds import KINDS
from tests.soak.samples import MB, growth, thinned
from tests.soak.soak import Soaked

MOST_GROWTH = 5.0
"""MB."""
ROWS = 13


def over_time(soaked: Soaked) -> str:
    """A row for some of the samples."""
    head = ("calls", "seconds", "RSS MB", "sockets", "descriptors", "threads", "CPU s")
    rows = [
        (
            f"{sample.calls:,}",
            f"{sample.seconds:.0f}",
            f"{sample.sight.rss / MB:.1f}",
            str(sample.sight.sockets),
            str(sample.sight.descriptors),
            str(sample.sight.threads),
            f"{sample.cpu:.0f}",
        )
        for sample in thinned(soaked.samples, ROWS)
    ]
    return aligned([head, *rows], left=0)


def by_kind(soaked: Soaked) -> str:
    """A row for each kind: what callers saw, and what the log tells."""
    rows = [(kind.name, kind.says, _told(kind.name, soaked.seen), _told(kind.name, soaked.told)) for kind in KINDS]
    return aligned([("calls", "what goes wrong", "callers saw", "the log tells"), *rows], left=4)


def _told(kind: str, seen: Seen) -> str:
    return ", ".join(f"{count:,} {outcome}" for (name, outcome), count in sorted(seen.items()) if name == kind)


def at_rest(soaked: Soaked) -> str:
    """The service without calls, before and after."""
    rests = {"before": soaked.before, "after": soaked.after}
    head = ("at rest", "RSS MB", "sockets", "descriptors", "threads", "tasks", "objects")
    rows = [
        (
            when,
            f"{rest.sight.rss / MB:.1f}",
            str(rest.sight.sockets),
            str(rest.sight.descriptors),
            str(rest.sight.threads),
            str(rest.tasks),
            f"{rest.objects:,}",
        )
        for when, rest in rests.items()
    ]
    return aligned([head, *rows])


def wrongs(soaked: Soaked) -> Iterator[str]:
    """Everything that must not be."""
    yield from soaked.complaints
    if soaked.counted != (lines := sum(soaked.told.values())):
        yield f"the log tells of {lines:,} calls, the metrics of {soaked.counted:,}"
    if soaked.still_open:
        yield f"the metrics tell of {soaked.still_open} calls that are still open"
    if (grew := growth(soaked.samples)) > MOST_GROWTH:
        yield f"the memory grew by {grew:.1f} MB over the second half, more than {MOST_GROWTH:g}"
    before, after = soaked.before, soaked.after
    if after.sight.sockets > before.sight.sockets:
        yield f"{after.sight.sockets - before.sight.sockets} sockets stayed open"
    if after.tasks > before.tasks:
        yield f"{after.tasks - before.tasks} tasks stayed behind"


def last_line(soaked: Soaked) -> str:
    """For machines; sockets and tasks are more or fewer than at the start."""
    return (
        f"soak: calls={soaked.calls} rss_slope_mb={growth(soaked.samples):.2f}"
        f" sockets={soaked.after.sight.sockets - soaked.before.sight.sockets:+d}"
        f" tasks={soaked.after.tasks - soaked.before.tasks:+d} failures={failures(soaked.seen)}"
    )
