"""Reads the tables of a Markdown page."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_RULE = re.compile(r"\|[-:|\s]+\|")


def rows(page: Path) -> Iterator[dict[str, str]]:
    """Every row of every table, by the names of its columns."""
    header: list[str] = []
    for line in page.read_text("utf-8").splitlines():
        if not line.startswith("|"):
            header = []
        elif not header:
            header = _cells(line)
        elif not _RULE.fullmatch(line):
            yield dict(zip(header, _cells(line), strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split(" | ")]
