"""The dashboard is what its code says, and can be read by people."""

import json

import pytest

from deploy.grafana import dashboard
from tests.deploy.queries import panels

SHOWN = [panel for panel in panels() if panel["type"] != "row"]
UNITS = {"currencyUSD", "reqps", "percentunit", "s", "bytes", "short"}
GRID = 24


def test_the_file_is_what_the_code_makes() -> None:
    assert dashboard.FILE.read_text("utf-8") == dashboard.text(), "run `make dashboard`"


def test_panels_have_numbers_of_their_own_and_titles_of_their_own() -> None:
    assert len({panel["id"] for panel in panels()}) == len(panels())
    assert len({panel["title"] for panel in panels()}) == len(panels())


def test_no_panel_covers_another_or_hangs_over_the_edge() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken, panel["title"]
        assert max(x for x, _ in cells) < GRID
        taken |= cells


@pytest.mark.parametrize("panel", SHOWN, ids=lambda panel: panel["title"])
def test_a_panel_says_what_it_shows_in_which_unit(panel: dict[str, object]) -> None:
    assert str(panel["description"]).endswith(".")
    assert json.loads(json.dumps(panel))["fieldConfig"]["defaults"]["unit"] in UNITS
    assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
