"""What a soak says at its end."""

from collections import Counter
from collections.abc import Iterator

from tests.bench.table import aligned
from tests.soak.both_ends import failures
from tests.soak.caller import Seen
from tests.soak.samples import MB, growth, load, thinned
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
    rows = [
        (kind.name, kind.says, _told(kind.name, soaked.seen), _told(kind.name, soaked.told))
        for kind in soaked.plan.kinds
    ]
    return aligned([("calls", "what goes wrong", "callers saw", "the log tells"), *rows], left=4)


def _told(kind: str, seen: Seen) -> str:
    return ", ".join(f"{count:,} {outcome}" for (name, outcome), count in sorted(seen.items()) if name == kind)


def requests(soaked: Soaked) -> str:
    """What became of those to the provider, and what else was done for calls."""
    attempts = sorted((kind or "answered", count) for kind, count in soaked.attempts.items())
    return "\n".join(
        f"{name}: " + ", ".join(f"{count:,} {what}" for what, count in counts)
        for name, counts in [("requests", attempts), ("and", soaked.happened.items())]
    )


def at_rest(soaked: Soaked) -> str:
    """The service without calls, before and after."""
    rests = {"before": soaked.before, "after": soaked.after}
    head = ("at rest", "RSS MB", "sockets", "descriptors", "threads", "tasks", "permits", "objects")
    rows = [
        (
            when,
            f"{rest.sight.rss / MB:.1f}",
            str(rest.sight.sockets),
            str(rest.sight.descriptors),
            str(rest.sight.threads),
            str(rest.tasks),
            str(rest.permits),
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
    yield from _unbroken(soaked)
    for kind in sorted(soaked.plan.failures - soaked.attempts.keys()):
        yield f"no request failed as {kind}: the provider did not do what it was told"
    last = soaked.plan.grows_over
    if (grew := growth(soaked.samples, last)) > MOST_GROWTH:
        yield f"the memory grew by {grew:.1f} MB over the last {last:.0%} of the time, more than {MOST_GROWTH:g}"
    before, after = soaked.before, soaked.after
    if after.sight.sockets > before.sight.sockets:
        yield f"{after.sight.sockets - before.sight.sockets} sockets stayed open"
    if after.tasks > before.tasks:
        yield f"{after.tasks - before.tasks} tasks stayed behind"
    if after.permits:
        yield f"{after.permits} permits are still held, or waited for"


def _unbroken(soaked: Soaked) -> Iterator[str]:
    """An open circuit keeps some calls from it, and no more than that."""
    to_be = Counter[str]()
    for kind in soaked.plan.kinds:
        if kind.breaks:
            to_be[kind.targets[0]] += sum(count for (name, _), count in soaked.seen.items() if name == kind.name)
    for model, calls in to_be.items():
        if soaked.broken.get(model, 0) < calls / 2:
            yield f"{model} was to break {calls:,} answers, and broke {soaked.broken.get(model, 0):,}"


def last_line(soaked: Soaked) -> str:
    """For machines; sockets and tasks are more or fewer than at the start, permits those that were not given back."""
    return (
        f"soak: calls={soaked.calls} load={load(soaked.samples):.2f}"
        f" rss_slope_mb={growth(soaked.samples, soaked.plan.grows_over):.2f}"
        f" sockets={soaked.after.sight.sockets - soaked.before.sight.sockets:+d}"
        f" tasks={soaked.after.tasks - soaked.before.tasks:+d} permits={soaked.after.permits}"
        f" failures={failures(soaked.seen)}"
    )
