"""Limits of several scopes."""

from dataclasses import astuple

from hypothesis import given
from hypothesis import strategies as st

from service.chat.clocks import Clocks

SECONDS = st.floats(0, allow_nan=False)
CLOCKS = st.builds(Clocks, SECONDS, SECONDS, SECONDS, SECONDS)


@given(CLOCKS, CLOCKS)
def test_of_each_limit_the_tightest_wins(one: Clocks, other: Clocks) -> None:
    assert astuple(one.tightened(other)) == tuple(map(min, astuple(one), astuple(other)))
