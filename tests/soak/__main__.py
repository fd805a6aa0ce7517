"""`python -m tests.soak`: very many calls, one in ten failing, and nothing that grows."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.processes import Wrong
from tests.soak import report
from tests.soak.failing import CALLS, failing
from tests.soak.soak import soak
from tests.soak.ways import LOAD, broken

PASSED, FAILED, INTERRUPTED = 0, 1, 130
FOLDER = Path(__file__).parents[2] / ".cache/soak"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit code."""
    asked = _parser().parse_args(arguments)
    plan = broken(asked.minutes) if asked.minutes else failing(asked.calls)
    try:
        soaked = soak(plan, FOLDER, _tell)
    except Wrong as wrong:
        sys.stderr.write(f"soak: {wrong}\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    _tell("")
    found = list(report.wrongs(soaked))
    tables = [report.by_kind(soaked), report.over_time(soaked), report.requests(soaked), report.at_rest(soaked)]
    lines = [*tables, *(f"WRONG {wrong}" for wrong in found), report.last_line(soaked)]
    sys.stdout.write("\n".join(lines) + "\n")
    if found:
        sys.stderr.write(f"soak: the service's log is in {FOLDER}\n")
        return FAILED
    (FOLDER / "service.out").unlink()  # some hundred bytes a call
    return PASSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.soak",
        description="Calls a service, as a process of its own, again and again. Memory must not grow, sockets, tasks "
        "and permits must be as before, no answer may be half of one, and each call must be in the log once.",
    )
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument(
        "--calls",
        type=_at_least(1000),
        default=CALLS,
        metavar="N",
        help=f"as fast as it goes, one call in ten failing in one of seven ways; default {CALLS:,}, at least 1000",
    )
    amount.add_argument(
        "--minutes",
        type=_at_least(1),
        metavar="M",
        help=f"instead, at {LOAD * 100:.0f} %% of a CPU, one call in ten broken, in every way of SCENARIOS.md, "
        "part A; at least 1",
    )
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"at least {least}, not {number}")
        return number

    parse.__name__ = "whole number"
    return parse


def _tell(text: str) -> None:
    """Shows how far it is, on one line of a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
