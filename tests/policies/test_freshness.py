"""How old an answer may be."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policies.freshness import Freshness, freshness

SECONDS = st.floats(0, 1e6)


@pytest.mark.parametrize(
    ("age", "max_age", "expected"),
    [
        (0, inf, Freshness.FRESH),
        (9.9, inf, Freshness.FRESH),
        (10, inf, Freshness.STALE),
        (14.9, inf, Freshness.STALE),
        (15, inf, Freshness.GONE),
        (3, 3, Freshness.FRESH),
        (3.1, 3, Freshness.STALE),
        (14.9, 99, Freshness.STALE),
    ],
)
def test_an_answer_ages(age: float, max_age: float, expected: Freshness) -> None:
    assert freshness(age, ttl=10, stale_ttl=5, max_age=max_age) is expected


@given(SECONDS, SECONDS, SECONDS, SECONDS)
def test_a_caller_who_wants_fresher_ones_gets_no_older_ones_and_loses_none(
    age: float, ttl: float, stale_ttl: float, max_age: float
) -> None:
    strict = freshness(age, ttl=ttl, stale_ttl=stale_ttl, max_age=max_age)
    easy = freshness(age, ttl=ttl, stale_ttl=stale_ttl, max_age=inf)
    assert strict is not Freshness.FRESH or (easy is Freshness.FRESH and age <= max_age)
    assert (strict is Freshness.GONE) == (easy is Freshness.GONE)
