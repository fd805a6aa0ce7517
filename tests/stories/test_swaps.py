"""Each two neighbours of the order have a story that is theirs."""

import pytest

from tests.stories.swaps import main


def test_swapping_two_neighbours_turns_exactly_their_story_red(capsys: pytest.CaptureFixture[str]) -> None:
    assert main() == 0, capsys.readouterr().out
