"""Links between our own pages lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.tables import ROOT

PAGES = [file for where in ("*.md", "docs/**/*.md", "deploy/**/*.md", "tests/*.md") for file in ROOT.glob(where)]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def links(page: Path) -> Iterator[str]:
    """Where it points to in this repository."""
    for link in _LINK.findall(_CODE.sub("", page.read_text("utf-8"))):
        if "://" not in link:
            yield link


def anchors(page: Path) -> set[str]:
    """Of all headings, as they are made on the web."""
    text = _CODE.sub(lambda found: found[0].strip("`") if "\n" not in found[0] else "", page.read_text("utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_points_to_pages_and_headings_that_exist(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), link
        assert not anchor or anchor in anchors(aim), link


def test_every_page_of_docs_is_in_the_index() -> None:
    index = ROOT / "docs/README.md"
    told = {(index.parent / link.partition("#")[0]).resolve() for link in links(index)}
    pages = {page for page in ROOT.glob("docs/**/*.md") if page.parent.name != "decisions"} - {index}
    assert pages <= told
