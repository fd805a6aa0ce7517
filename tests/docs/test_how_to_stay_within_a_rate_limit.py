"""`docs/how-to/stay-within-a-rate-limit.md`."""

from pathlib import Path

from tests.docs.how_to import assert_does_what_it_says, needs_curl, page_of


@needs_curl
def test_the_page_does_what_it_says(tmp_path: Path) -> None:
    assert_does_what_it_says(page_of(Path(__file__)), tmp_path)
