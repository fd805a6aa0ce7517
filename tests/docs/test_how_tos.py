"""Every how-to works as it is written, in an empty folder."""

import os
import shutil
from pathlib import Path

import pytest

from tests.docs.shell import fits, steps, try_out
from tests.docs.tables import DOCS

PAGES = [page for page in sorted((DOCS / "how-to").glob("*.md")) if [*steps(page.read_text("utf-8"))]]
IN_CI = "CI" in os.environ  # noqa: TID251 - nobody else is to know it


@pytest.mark.skipif(not IN_CI and not shutil.which("curl"), reason="curl is not installed, which how-tos use")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_how_to_does_what_it_says(page: Path, tmp_path: Path) -> None:
    for step, printed in try_out(page, tmp_path):
        if step.prints is not None:
            assert fits(printed, step.prints), f"{step.commands}\nprinted\n{printed}\nand not\n{step.prints}"


def test_what_is_printed_is_compared_line_by_line() -> None:
    assert fits("one 17 s\ntwo\nthree\n", "one … s\n…\nthree")
    assert fits("one\n", "one\n")
    assert not fits("one\ntwo\n", "one\n")
    assert not fits("one 17 s\nand more", "one … s")
    assert not fits("one", "One")
