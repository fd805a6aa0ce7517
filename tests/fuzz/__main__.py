"""`python -m tests.fuzz`: damaged answers for the decoder, which may raise nothing but failures of ours."""

import argparse
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from tests.fuzz.bodies import bodies
from tests.fuzz.case import Case, make_case
from tests.fuzz.run import Crash, Tally, tallies
from tests.fuzz.trial import WIRES, decode, tried, wire_of

PASSED, FAILED, INTERRUPTED = 0, 1, 130
KEPT = Path(".cache/fuzz")
_SHOWN = 20  # crashes that are printed and kept


def main(arguments: list[str] | None = None) -> int:
    """Tries what the command line asks for; returns the exit code."""
    asked = _parser().parse_args(arguments)
    asked.protocols = asked.protocols or sorted(WIRES, reverse=True)
    if asked.only is not None:
        return _again(asked.protocols[0], asked.seed, asked.only)
    tally, began = Tally(), time.monotonic()
    try:
        for protocol in asked.protocols:
            for some in tallies(protocol, asked.seed, asked.count):
                for crash in some.crashes[: max(0, _SHOWN - len(tally.crashes))]:
                    _report(protocol, asked.seed, crash)
                tally.add(some)
                _progress(f"fuzz: {protocol}, {tally.tried} streams, {len(tally.crashes)} crashes")
    except BrokenProcessPool:
        sys.stderr.write(f"fuzz: a process died after about {tally.tried} streams: the decoder takes Python with it\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    _progress("")
    share = 100 * tally.failed // max(1, tally.tried)
    _say(f"{share} % came to a failure, the others to an answer; {time.monotonic() - began:.0f} s")
    _say(f"fuzz: {tally.tried} streams, {len(tally.crashes)} crashes")
    return FAILED if tally.crashes else PASSED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.fuzz",
        description="Damages recorded answers and decodes them. Exit code 0 only if nothing but our own failures "
        "is raised, all events are as promised, and time and memory are bounded. The same seed over the same "
        "recordings damages them in the same way.",
    )
    parser.add_argument(
        "--count", type=int, default=100_000, metavar="N", help="streams of each protocol (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=20261120, metavar="N", help="(default: %(default)s)")
    parser.add_argument(
        "--protocol", dest="protocols", action="append", choices=sorted(WIRES), help="only this one (default: each)"
    )
    parser.add_argument("--only", type=int, metavar="INDEX", help="only this one, with its traceback")
    return parser


def _again(protocol: str, seed: int, index: int) -> int:
    case = make_case(bodies(protocol), seed, index)
    _say(f"{case.form.value}, {len(case.data)} bytes in {len(case.cuts) + 1} reads, kept in {_keep(seed, index, case)}")
    decode(wire_of(case), case)  # shows the traceback
    verdict = tried(case, weighed=True)
    _say(verdict.complaint or ("came to a failure of ours" if verdict.failed else "came to an answer"))
    return FAILED if verdict.complaint else PASSED


def _report(protocol: str, seed: int, crash: Crash) -> None:
    kept = _keep(seed, crash.index, make_case(bodies(protocol), seed, crash.index))
    _progress("")
    _say(f"{protocol}, seed {seed}, index {crash.index}: {crash.complaint}\n  bytes in {kept}")
    _say(f"  again: python -m tests.fuzz --protocol {protocol} --seed {seed} --only {crash.index}")


def _keep(seed: int, index: int, case: Case) -> Path:
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{case.protocol}-{seed}-{index}.{case.form.value}"
    path.write_bytes(case.data)
    return path


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _progress(line: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
