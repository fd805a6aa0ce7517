"""`python -m tests.mutants`: small changes to policies and layers, which the tests must notice."""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.mutants import report
from tests.mutants.equivalent import equivalents, untrue
from tests.mutants.mutant import ROOT, asked_for, drawn, files, mutants
from tests.mutants.run import CannotTell, Results, tried_all

PASSED, FAILED, INTERRUPTED = 0, 1, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Tries what the command line asks for; returns the exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    paths = files(ROOT, asked.only)
    if not paths:
        parser.error(f"nothing of that is mutated: {' '.join(asked.only)}")
    try:
        return _run(paths, asked)
    except (CannotTell, subprocess.CalledProcessError) as wrong:
        sys.stderr.write(f"mutants: {wrong}\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.mutants",
        description="Makes one small change after the other to a copy of the project, and runs the tests that could "
        f"notice. Exit code 0 only if they notice {report.LEAST} % of the changes, and the list of those that nobody "
        "could notice is true. The same seed draws the same changes as long as the files and mutmut are the same.",
    )
    parser.add_argument("--seed", type=int, default=20261120, metavar="N", help="(default: %(default)s)")
    parser.add_argument("--draw", type=int, default=200, metavar="N", help="changes that are tried (%(default)s)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="PATH", help="draw from this file or folder; may be repeated"
    )
    return parser


def _run(paths: Sequence[str], asked: argparse.Namespace) -> int:
    known = [entry for entry in equivalents() if asked_for(entry.file, asked.only)]
    every = mutants(ROOT, paths)
    chosen = drawn(every, asked.draw, asked.seed)
    _say(f"{len(chosen)} of {len(every)} mutants of {len(paths)} files, seed {asked.seed}")
    results: Results = []
    interrupted = False
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        try:
            asyncio.run(tried_all(ROOT, chosen, Path(scratch), results, _progress(len(chosen))))
        except KeyboardInterrupt:
            interrupted = True  # what was found until then is worth being told
    wrongs = list(untrue(known, every, results))
    for line in (*report.survivors(results, known), *wrongs, *report.apart(results), report.last_line(results)):
        _say(line)
    if interrupted:
        return INTERRUPTED
    return PASSED if report.enough(results) and not wrongs else FAILED


def _progress(count: int) -> Callable[[Results], None]:
    """Shows how far it is, on one line of a terminal."""
    began = time.monotonic()

    def tell(results: Results) -> None:
        if sys.stderr.isatty():
            left = (time.monotonic() - began) / len(results) * (count - len(results)) / 60
            how_far = f"mutants: {len(results)}/{count}, {report.survived(results)} not noticed, {left:.0f} min left"
            sys.stderr.write(f"\r\x1b[K{how_far if len(results) < count else ''}")
            sys.stderr.flush()

    return tell


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
