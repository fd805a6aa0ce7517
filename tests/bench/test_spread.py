"""Rounds as one number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bench.spread import Spread, difference, ratio


def test_a_ratio_is_taken_round_by_round_so_that_a_slow_round_is_no_noise() -> None:
    found = ratio([3.0, 6.0, 30.0], [1.0, 2.0, 10.0])
    assert (found.median, found.half, found.noise) == (3.0, 0.0, 0.0)


def test_the_noise_is_half_of_the_range_of_the_middle_half() -> None:
    found = Spread.of([8.0, 9.0, 10.0, 11.0, 100.0])
    assert (found.median, found.half, found.noise) == (10.0, 1.0, 0.1)


def test_one_round_tells_nothing_of_its_noise() -> None:
    assert Spread.of([5.0]) == Spread(5.0, 0.0)


def test_a_difference_is_taken_round_by_round() -> None:
    assert difference([110.0, 220.0, 330.0], [100.0, 200.0, 300.0]) == Spread(20.0, 5.0)


def test_rounds_that_are_not_paired_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        ratio([1.0, 2.0], [1.0])


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=9), st.floats(1.5, 10))
def test_what_costs_so_many_times_as_much_in_each_round_has_that_ratio(costs: list[float], times: float) -> None:
    assert ratio([cost * times for cost in costs], costs).median == pytest.approx(times)
