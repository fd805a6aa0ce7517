"""`python -m tests.tail`: what hedging does to the slowest calls, and what it costs, as ratios in one run."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from tests.chaos.__main__ import INTERRUPTED, play
from tests.tail.cases import rows

CALLS = 3000


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.tail",
        description="Calls a target that is slow now and then, without hedges and with them: the service, a simulated "
        "provider and a gRPC client, each a process of its own. p99 of hedged calls is told in medians of calls "
        "without hedges, and what hedging adds in per cent of the requests. Exit code 0 only if both are in bounds.",
    )
    parser.add_argument("--calls", type=int, default=CALLS, metavar="N", help=f"hedged calls each; default {CALLS:,}")
    asked = parser.parse_args(arguments)
    try:
        return asyncio.run(play(rows(max(100, asked.calls)), "tail"))
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
