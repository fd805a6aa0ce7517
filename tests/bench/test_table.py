"""Tables for people."""

from pathlib import Path

from tests.bench.load import Ask, Load
from tests.bench.measurements import Key, Kind, Run
from tests.bench.memory import MIB, Holding, memory_table
from tests.bench.rounds import Taken
from tests.bench.table import aligned, costs_table

RUN = Run(Key(Kind.PACED, "relay"), Ask("/m", Path("b.pb"), 128, 64))


def taken(cpu: float, p50: float) -> dict[Key, Taken]:
    return {RUN.key: Taken(cpu, Load(2.0, p50, p50 * 2, None, 0.25, 1.5))}


def test_columns_are_as_wide_as_what_is_in_them() -> None:
    assert aligned([("", "n"), ("a", "1"), ("longer", "1000")]) == (
        "           n\n"
        "------  ----\n"
        "a          1\n"
        "longer  1000\n"
    )  # fmt: skip


def test_a_row_has_the_medians_of_the_rounds_and_nothing_where_there_was_nothing_to_see() -> None:
    table = costs_table([RUN], [taken(60.0, 1.0), taken(70.0, 3.0), taken(66.0, 2.0)])
    row = table.splitlines()[2]
    assert row.split() == [
        *("64", "streams,", "200", "chunks", "5", "ms", "apart,", "per", "chunk", "relay"),
        *("66", "±3.8%", "64", "2.00", "4.00", "0.25", "1.50"),
    ]


def test_cpu_time_of_streams_that_are_paced_is_divided_by_their_chunks() -> None:
    assert RUN.units == 128 * 200
    assert Run(Key(Kind.BURST, "relay"), RUN.ask).units == 128


def test_a_first_call_is_compared_with_a_steady_one() -> None:
    table = memory_table({"service": Holding(idle=80 * MIB, after=90 * MIB, first=9.0, steady=1.5)})
    assert table.splitlines()[2].split() == ["service", "80", "90", "9.0", "6.0"]
