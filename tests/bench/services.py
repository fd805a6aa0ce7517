"""The service in the ways in which it is run to be measured."""

import sys
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

PROFILE = "profile.out"


class Service(Enum):
    """The value is the name in tables, and that of the log."""

    FULL = "service"
    """All spans made, a share of them exported."""
    TRACES_OFF = "traces off"
    """As it ships: no exporter of spans."""
    NO_TRACER = "no tracer"
    """With a tracer that makes nothing at all: what off is compared with."""
    PROFILED = "profiled"
    """The full one, watched by cProfile, which makes it slow."""

    @property
    def exports(self) -> bool:
        """Whether its spans go anywhere."""
        return self in (Service.FULL, Service.PROFILED)

    def command(self, folder: Path) -> Sequence[str]:
        """What starts it; the configuration is still missing."""
        watch = ["-m", "cProfile", "-o", str(folder / PROFILE)] if self is Service.PROFILED else []
        module = "tests.bench.untraced" if self is Service.NO_TRACER else "service.cli"
        return [sys.executable, "-P", *watch, "-m", module, "serve"]
