"""`python -m tests.soak`: very many calls, one in ten failing, and nothing that grows."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.processes import Wrong
from tests.soak import report
from tests.soak.soak import soak

PASSED, FAILED, INTERRUPTED = 0, 1, 130
CALLS = 200_000
FOLDER = Path(__file__).parents[2] / ".cache/soak"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description="Calls a service, as a process of its own, again and again, one call in ten failing in one of "
        "seven ways. Memory must not grow, sockets and tasks must be as before, and each call must be in the log once.",
    )
    parser.add_argument("--calls", type=int, default=CALLS, metavar="N", help=f"default {CALLS:,}, at least 1000")
    asked = parser.parse_args(arguments)
    try:
        soaked = soak(max(1000, asked.calls), FOLDER, _tell)
    except Wrong as wrong:
        sys.stderr.write(f"soak: {wrong}\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    _tell("")
    found = list(report.wrongs(soaked))
    tables = [report.by_kind(soaked), report.over_time(soaked), report.at_rest(soaked)]
    lines = [*tables, *(f"WRONG {wrong}" for wrong in found), report.last_line(soaked)]
    sys.stdout.write("\n".join(lines) + "\n")
    if found:
        sys.stderr.write(f"soak: the service's log is in {FOLDER}\n")
        return FAILED
    (FOLDER / "service.out").unlink()  # some hundred bytes a call
    return PASSED


def _tell(text: str) -> None:
    """Shows how far it is, on one line of a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
