"""The tables: what each run cost, what each program holds, and what came of the aims."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import median

from tests.bench.aims import Result
from tests.bench.measurements import Run
from tests.bench.rounds import Rounds
from tests.bench.spread import Spread

_ABSENT = ""


def aligned(rows: Iterable[Sequence[str]], left: int = 1) -> str:
    """Columns, the first `left` of them to the left, numbers to the right; the first row is the head."""
    table = [list(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    table.insert(1, ["-" * width for width in widths])
    return "".join(f"{_line(row, widths, left)}\n" for row in table)


def _line(row: Sequence[str], widths: Sequence[int], left: int) -> str:
    cells = zip(row, widths, strict=True)
    return "  ".join(
        cell.ljust(width) if column < left else cell.rjust(width) for column, (cell, width) in enumerate(cells)
    ).rstrip()


def costs_table(runs: Sequence[Run], rounds: Rounds) -> str:
    """A row for each run: medians over the rounds."""
    head = ("", "program", "CPU µs", "±", "calls/s", "p50 ms", "p99 ms", "first ms", "token ms", "token p99")
    rows = [_cost_row(run, rounds) for run in runs]
    return aligned([head, *_once(rows)], left=2)


def _once(rows: Sequence[Sequence[str]]) -> Iterator[Sequence[str]]:
    """The rows, each title only where it begins."""
    before = None
    for row in rows:
        yield (_ABSENT if row[0] == before else row[0], *row[1:])
        before = row[0]


def _cost_row(run: Run, rounds: Rounds) -> Sequence[str]:
    taken = [of_round[run.key] for of_round in rounds]
    cpu = Spread.of([one.cpu for one in taken])
    loads = [one.load for one in taken]
    return (
        f"{run.key.kind.title}, per {run.key.kind.unit}",
        run.key.program,
        f"{cpu.median:.0f}",
        percent(cpu),
        f"{median(run.ask.calls / load.seconds for load in loads):,.0f}",
        milliseconds([load.p50 for load in loads]),
        milliseconds([load.p99 for load in loads]),
        milliseconds([load.first_p50 for load in loads]),
        milliseconds([load.token_p50 for load in loads]),
        milliseconds([load.token_p99 for load in loads]),
    )


def milliseconds(values: Sequence[float | None]) -> str:
    """The median; nothing where there was nothing to see."""
    seen = [value for value in values if value is not None]
    return f"{median(seen):.2f}" if seen else _ABSENT


def percent(spread: Spread) -> str:
    """Its noise."""
    return f"±{spread.noise * 100:.1f}%"


def ratios_table(results: Sequence[Result]) -> str:
    """A row for each ratio."""
    rows = [
        (
            result.aim.name,
            result.aim.says,
            f"{result.found.median:.2f}" if result.found else "-",
            percent(result.found) if result.found else _ABSENT,
            f"≤ {result.aim.most:g}",
            verdict(result),
        )
        for result in results
    ]
    return aligned([("ratio of CPU times", "", "found", "±", "aim", ""), *rows], left=2)


def differences_table(results: Sequence[Result]) -> str:
    """A row for each difference, in microseconds per call."""
    rows = [
        (
            result.aim.says,
            f"{result.found.median:.0f}" if result.found else "-",
            f"±{result.found.half:.0f}" if result.found else _ABSENT,
            f"≤ {result.aim.most:g}",
            verdict(result),
        )
        for result in results
    ]
    return aligned([("CPU µs per call", "found", "±", "aim", ""), *rows])


def verdict(result: Result) -> str:
    """What to make of a result; what another run could turn over is said to be so."""
    if result.found is None:
        return "not measured"
    doubtful = abs(result.found.median - result.aim.most) <= result.found.half
    return ("MISSED" if result.missed else "ok") + (", by less than the noise" if doubtful else "")


def noise_line(results: Sequence[Result]) -> str:
    """How far rounds were apart, in a sentence."""
    noises = [result.found.noise for result in results if result.found]
    return f"Noise: the middle half of the rounds lies within ±{max(noises, default=0) * 100:.1f} % of each ratio."
