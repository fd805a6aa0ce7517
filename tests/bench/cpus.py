"""Who runs on which CPU: what is measured on one, all that serves the measuring on the others."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cpus:
    """Two sets without a CPU in common, or nothing that can be said: then the kernel decides."""

    measured: frozenset[int] | None = None
    others: frozenset[int] | None = None

    def __str__(self) -> str:
        if self.measured is None or self.others is None:
            return "NOT PINNED: there is one CPU only, and the load generator takes its share of it"
        return f"what is measured on CPU {_numbers(self.measured)}, all else on CPU {_numbers(self.others)}"


def shared_out(available: Iterable[int]) -> Cpus:
    """The first CPU for what is measured, if that leaves any."""
    first, *rest = sorted(available)
    return Cpus(frozenset({first}), frozenset(rest)) if rest else Cpus()


def here() -> Cpus:
    """Shared out of those that this process may use."""
    return shared_out(os.sched_getaffinity(0))


@contextmanager
def on(cpus: frozenset[int] | None) -> Iterator[None]:
    """This thread, and what it starts meanwhile, on these CPUs."""
    before = os.sched_getaffinity(0)
    if cpus is not None:
        os.sched_setaffinity(0, cpus)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _numbers(cpus: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(cpus)))
