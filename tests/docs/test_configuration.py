"""`docs/configuration.md` lists the settings that there are."""

from tests.docs.settings_page import MARK, PAGE, fresh


def test_the_tables_are_those_of_the_settings() -> None:
    page = PAGE.read_text("utf-8")
    assert MARK in page
    assert page == fresh(page), "run `make settings`"
