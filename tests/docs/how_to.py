"""Tries a how-to, as it is written, in an empty folder.

Each has a test file of its own, named after it: they take seconds, and workers share tests file by file.
"""

import os
import shutil
from pathlib import Path

import pytest

from tests.docs.shell import fits, try_out
from tests.docs.tables import DOCS

PREFIX = "test_how_to_"
IN_CI = "CI" in os.environ  # noqa: TID251 - nobody else is to know it

needs_curl = pytest.mark.skipif(
    not IN_CI and not shutil.which("curl"), reason="curl is not installed, which how-tos use"
)


def page_of(test: Path) -> Path:
    """The page that a test file is named after."""
    return DOCS / "how-to" / f"{test.stem.removeprefix(PREFIX).replace('_', '-')}.md"


def assert_does_what_it_says(page: Path, folder: Path) -> None:
    """Does all that the page says, and compares what is printed with what it shows."""
    for step, printed in try_out(page, folder):
        if step.prints is not None:
            assert fits(printed, step.prints), f"{step.commands}\nprinted\n{printed}\nand not\n{step.prints}"
