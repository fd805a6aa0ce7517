"""A bench with tiny numbers, which mean nothing, if the tools are there already."""

from pathlib import Path

import pytest

from tests.bench import report
from tests.bench.aims import judged_ratios, last_line, ratios
from tests.bench.bench import Wanted, measure
from tests.bench.measurements import TINY, Kind
from tests.bench.rounds import costs
from tests.bench.services import Service
from tests.bench.tools import Tools, made_before


@pytest.fixture
def tools() -> Tools:
    made = made_before()
    if made is None:
        pytest.skip("the reference programs are not compiled yet: `make bench` does that")
    return made


def test_everything_is_measured_and_agrees_with_log_spans_and_provider(tools: Tools, tmp_path: Path) -> None:
    kinds = [kind for kind in Kind if kind is not Kind.PACED]  # a second of pacing for each
    told: list[str] = []
    wanted = Wanted(tools=tools, folder=tmp_path / "last", sizes=TINY, kinds=kinds, services=[Service.FULL])

    measured = measure(wanted, told.append)

    found = judged_ratios(ratios(Service.FULL.value), costs(measured.rounds))
    assert last_line(found).startswith("bench: echo_ratio=")
    assert "echo" in report.for_people(measured, found)
    assert set(measured.holdings) == {"echo", "relay", "service"}
    assert told[-1].startswith("round 1 of 1")
