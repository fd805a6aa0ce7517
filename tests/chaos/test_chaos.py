"""The harness itself, over a few cheap rows: `make chaos` plays them all."""

import io
from typing import Any

import pytest

from tests.chaos.__main__ import main
from tests.chaos.one_call import OneCall
from tests.chaos.run import Result, played
from tests.chaos.scenario import Mode, Row, Scenario, rows
from tests.chaos.scenarios import ALL
from tests.chaos.table import Table


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Real sockets, real time."""
    return "asyncio", {}


WRONG = Scenario(
    key="s03-wrong",
    does="500, once, and something else is expected",
    modes=[Mode.UNARY],
    play=OneCall(primary="status(401)", sees="completed by primary", attempts=["primary ANSWERED"]),
)


CHEAP = ["S08", "S13", "S14", "M07", "M16"]
"""The last two are what the tests have of keys that die and tokens that expire."""


async def test_cheap_rows_pass_and_one_that_expects_something_else_fails() -> None:
    right = list(rows(ALL, CHEAP))
    results = [result async for result in played([*right, Row(WRONG, Mode.UNARY)])]
    *others, wrong, end = [(result.id, result.mode, result.complaint) for result in results]
    assert others == [(row.scenario.id, row.mode, None) for row in right]
    assert wrong == ("S03", "unary", "the caller saw: expected completed by primary, found completed by secondary")
    assert end == ("end", "", None)


def test_every_row_has_a_name_of_its_own() -> None:
    names = [row.name for row in rows(ALL)]
    assert len(names) == len(set(names))


def test_the_last_line_counts_what_passed() -> None:
    out = io.StringIO()
    table = Table(out)
    for complaint in (None, "it did not"):
        table.add(Result(id="S01", does="429", mode="unary", saw="nothing", seconds=0, complaint=complaint))
    table.end(0)
    assert "it did not" in out.getvalue()
    assert out.getvalue().endswith("chaos: 1/2\n")
    assert "\x1b" not in out.getvalue()
    assert not table.all_passed


def test_the_command_lists_its_rows(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list", "--only", "s08"]) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [
        ["S08", "unary"],
        ["S08", "unary"],
        ["S08", "stream"],
        ["S08", "stream"],
        ["S08", "stream"],
    ]


def test_the_command_refuses_what_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["--only", "S99"])
    assert stopped.value.code == 2
    assert "there is no S99" in capsys.readouterr().err
