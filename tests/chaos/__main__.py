"""`python -m tests.chaos`: everything in SCENARIOS.md that is built so far, over real sockets, as a table."""

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from contextlib import aclosing

from tests.chaos.provider import CannotStart
from tests.chaos.run import played
from tests.chaos.scenario import Row, rows
from tests.chaos.scenarios import ALL
from tests.chaos.table import Table

PASSED, FAILED, INTERRUPTED = 0, 1, 130
_IDS = sorted({scenario.id for scenario in ALL})


def main(arguments: list[str] | None = None) -> int:
    """Runs what the command line asks for; returns the exit code."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    only = [id.upper() for id in asked.only]
    if unknown := [id for id in only if id not in _IDS]:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(_IDS)}")
    chosen = list(rows(ALL, only))
    if asked.list:
        sys.stdout.writelines(f"{row.scenario.id}  {row.mode:<6}  {row.scenario.does}\n" for row in chosen)
        return PASSED
    try:
        return asyncio.run(play(chosen))
    except CannotStart as failure:
        sys.stderr.write(f"chaos: {failure}\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.chaos",
        description="Plays the scenarios of SCENARIOS.md: the service, two simulated providers and a gRPC client, "
        "each a process of its own. Exit code 0 only if all end as they must.",
        epilog="Scale 1:10 means that every time limit and every delay is a tenth of that in SCENARIOS.md. "
        "Times in the table are real seconds.",
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="play only these, such as S08 M10")
    parser.add_argument("--list", action="store_true", help="print the rows and play none")
    return parser


async def play(chosen: Sequence[Row], title: str = "chaos") -> int:
    """Plays rows and prints the table; returns the exit code."""
    table, began = Table(sys.stdout, title), time.monotonic()
    table.head()
    async with aclosing(played(chosen)) as results:
        async for result in results:
            table.add(result)
    table.end(time.monotonic() - began)
    return PASSED if table.all_passed else FAILED


if __name__ == "__main__":
    sys.exit(main())
