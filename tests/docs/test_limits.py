"""`docs/limits.md` says what the code and the settings say."""

import re
from importlib import import_module
from typing import Any

import pytest

from service.config.providers import ProviderSettings
from service.config.routes import RouteSettings
from service.config.settings import Settings
from service.rpc import limits
from tests.docs.tables import DOCS, rows

PAGE = DOCS / "limits.md"
ROWS = [row for row in rows(PAGE) if "where" in row]
UNITS = {"": 1, "s": 1, "characters": 1, "bytes": 1, "KiB": 1024, "MiB": 1024**2, "%": 0.01}
SETTINGS: dict[str, Any] = {"providers": ProviderSettings, "routes": RouteSettings}


def said(cell: str) -> float:
    """The number in "2,000", "32 MiB" or "5 %"."""
    found = re.fullmatch(r"([\d.,]+) ?(\S*)", cell)
    assert found, cell
    return float(found[1].replace(",", "")) * UNITS[found[2]]


def is_so(path: str) -> float:
    """What the constant is, or the setting by default."""
    if path.startswith("service."):
        module, _, name = path.rpartition(".")
        return float(getattr(import_module(module), name))
    section, *names = path.replace(".*", "").split(".")
    model: Any = SETTINGS.get(section) or Settings.model_fields[section].annotation
    for name in names[:-1]:
        model = model.model_fields[name].annotation
    return float(model.model_fields[names[-1]].get_default(call_default_factory=True))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["where"].strip("`"))
def test_a_limit_is_what_the_page_says(row: dict[str, str]) -> None:
    assert said(row.get("at most") or row["default"]) == pytest.approx(is_so(row["where"].strip("`")))


def test_every_limit_of_a_request_is_on_the_page() -> None:
    told = set(re.findall(r"service\.rpc\.limits\.([A-Z_]+)", PAGE.read_text("utf-8")))
    assert told == {name for name in vars(limits) if name.isupper()}
