"""`python -m tests.bench`: what a call costs, beside the reference programs, in one run."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.bench import report
from tests.bench.aims import judged_differences, judged_ratios, last_line, ratios
from tests.bench.bench import Measured, Wanted, measure
from tests.bench.measurements import QUICK, Kind, Sizes
from tests.bench.processes import Wrong
from tests.bench.profiling import profile
from tests.bench.rounds import costs
from tests.bench.services import Service
from tests.bench.tools import BUILT, PROGRAMS, Missing, same_interpreter, tools
from tests.bench.tracing import DIFFERENCES, SERVICES

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130
LAST = BUILT / "last"
_TRACES = {"on": [Service.FULL], "off": [Service.TRACES_OFF], "both": SERVICES}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        return _run(asked)
    except Missing as missing:
        sys.stderr.write(f"bench: {missing}\n")
        return MISUSED
    except Wrong as wrong:
        _tell("")
        sys.stderr.write(f"bench: no numbers, because something is wrong. {wrong}\n(logs: {LAST})\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Measures the CPU time of calls to the service, everything built in switched on, and to the "
        "reference programs, turn by turn in one run. docs/performance.md says how to read it.",
        epilog="Exit codes: 0 measured, 1 not measured because something was wrong (or, with --strict, an aim was "
        "missed), 2 something has to be installed first.",
    )
    parser.add_argument("--programs", type=Path, default=PROGRAMS, metavar="DIR", help="the reference programs")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"default {Sizes().rounds}")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK.rounds} rounds")
    kinds = [kind.value for kind in Kind]
    parser.add_argument("--only", nargs="+", choices=kinds, default=kinds, help="only these kinds of calls")
    parser.add_argument("--traces", choices=_TRACES, default="on", help="off: as shipped; both: what tracing costs")
    parser.add_argument("--profile", action="store_true", help="no ratios: where a unary call spends its time")
    parser.add_argument("--json", type=Path, metavar="FILE", help="everything, round by round")
    parser.add_argument("--strict", action="store_true", help="exit code 1 if an aim is missed")
    return parser


def _run(asked: argparse.Namespace) -> int:
    made = tools(asked.programs.resolve())
    same_interpreter()
    sizes = QUICK if asked.quick else Sizes()
    wanted = Wanted(
        tools=made,
        folder=LAST,
        sizes=replace(sizes, rounds=max(1, asked.rounds or sizes.rounds)),
        kinds=[Kind(name) for name in asked.only],
        services=_TRACES[asked.traces],
    )
    if asked.profile:
        sys.stdout.write(profile(wanted, _tell))
        return DONE
    measured = measure(wanted, _tell)
    _tell("")
    return _say(asked, wanted, measured)


def _say(asked: argparse.Namespace, wanted: Wanted, measured: Measured) -> int:
    service = wanted.services[0].value
    both = len(wanted.services) > 1
    found = costs(measured.rounds)
    results = judged_differences(DIFFERENCES, found) if both else judged_ratios(ratios(service), found)
    missed = report.misses(results, measured.holdings[service])
    if asked.json:
        asked.json.write_text(json.dumps(report.for_machines(measured, results), indent=1))
    lines = [report.for_people(measured, results, differ=both), *(f"MISSED {miss}" for miss in missed)]
    sys.stdout.write("\n".join([*lines, last_line(results)]) + "\n")
    return FAILED if asked.strict and missed else DONE


def _tell(text: str) -> None:
    """Shows what is being done, on one line of a terminal."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
