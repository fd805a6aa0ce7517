"""The highest level since a moment."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from service.policies.peaks import MOST, Peaks


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-5, 5)), max_size=80), st.integers(0, 200))
def test_it_is_the_highest_of_all_that_were_noted_since(steps: list[tuple[int, int]], asked: int) -> None:
    peaks, noted, moment = Peaks(), [], 0
    for step, level in steps:
        moment += step
        peaks.note(moment, level)
        noted.append((moment, level))
    assert peaks.since(asked) == max((level for then, level in noted if then >= asked), default=-inf)


def test_of_very_long_ago_it_knows_nothing_and_says_so() -> None:
    peaks = Peaks()
    for moment in range(MOST * 4):
        peaks.note(moment, -moment)
    assert len(peaks._levels) <= MOST
    assert peaks.since(5) == inf
    assert peaks.since(MOST * 4 - 2) == -(MOST * 4 - 2)
