"""`python -m tests.conformance`: recorded traffic of real providers through the service, against what it means."""

import argparse
import asyncio
import logging
import sys
import time
from pathlib import Path

import structlog

from tests.conformance.recorded import files
from tests.conformance.report import WANTED, Report
from tests.conformance.run import LeftOut, Result, play

PASSED, FAILED, INTERRUPTED = 0, 1, 130
_ROOT = Path(__file__).parents[2]
_RECORDINGS = _ROOT.parent / "shared" / "recordings"
_REPORT = _ROOT / ".cache" / "conformance.jsonl"


def main(arguments: list[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit code."""
    asked = _parser().parse_args(arguments)
    paths = list(files(asked.recordings))
    if not paths:
        sys.stderr.write(f"conformance: no recordings in {asked.recordings}\n")
        return FAILED
    asked.report.parent.mkdir(parents=True, exist_ok=True)
    try:
        report = asyncio.run(_run(paths, asked.report))
    except KeyboardInterrupt:
        return INTERRUPTED
    if report.passed.total() < report.total:
        sys.stdout.write(f"\nevery difference: {asked.report}\n")
    sys.stdout.write("\n".join(report.lines()) + "\n")
    return PASSED if report.percent >= WANTED else FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.conformance",
        description="Replays recorded answers over HTTP, split at random, to the service, and compares what a gRPC "
        f"client is told with what they are known to mean. Exit code 0 only at {WANTED} % and above.",
    )
    parser.add_argument("--recordings", type=Path, default=_RECORDINGS, metavar="DIR", help="default: %(default)s")
    parser.add_argument("--report", type=Path, default=_REPORT, metavar="FILE", help="default: %(default)s")
    return parser


async def _run(paths: list[Path], file: Path) -> Report:
    began, shows = time.monotonic(), sys.stderr.isatty()
    with file.open("w") as lines:
        report, seen = Report(lines), 0

        def see(result: Result | LeftOut) -> None:
            nonlocal seen
            seen += 1
            report.add(result)
            if shows and (seen % 20 == 0 or seen == len(paths)):
                sys.stderr.write(f"\r{seen:,} of {len(paths):,} files")

        await play(paths, see)
    took = time.monotonic() - began
    sys.stderr.write(
        f"{chr(13) if shows else ''}{len(paths):,} files in {took:.1f} s, {len(paths) / took:.0f} a second\n"
    )
    return report


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))  # else a line a call
    sys.exit(main())
