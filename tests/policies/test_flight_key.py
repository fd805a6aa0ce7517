"""Which calls share a request."""

from dataclasses import fields, replace

import pytest

from mainstay import v1 as pb
from service.chat.clocks import Clocks
from service.chat.conditions import Conditions
from service.policies.flight_key import flight_key

ABOVE = {"cache": pb.CACHE_MODE_USE, "cache_max_age": 3.0, "stale": True, "degrade": True}
"""What each caller does for itself: it may differ among those who share."""
BELOW = {
    "clocks": Clocks(first_token=3),
    "max_attempts": 3,
    "upstream_stream": True,
    "recovery": pb.RECOVERY_FAIL,
    "hedge": True,
}
"""What becomes of the one request."""
ONE = flight_key(b"q", Conditions(), streamed=True)


def test_every_condition_is_either_each_callers_own_or_part_of_the_key() -> None:
    """Red after a new condition? It is part of the key unless `flight_key` says otherwise: decide, and say so here."""
    assert {field.name for field in fields(Conditions)} == ABOVE.keys() | BELOW.keys()


@pytest.mark.parametrize("field", ABOVE)
def test_what_each_caller_does_for_itself_makes_no_difference(field: str) -> None:
    assert flight_key(b"q", replace(Conditions(), **{field: ABOVE[field]}), streamed=True) == ONE  # type: ignore[arg-type]


@pytest.mark.parametrize("field", BELOW)
def test_what_acts_below_does(field: str) -> None:
    assert flight_key(b"q", replace(Conditions(), **{field: BELOW[field]}), streamed=True) != ONE  # type: ignore[arg-type]


def test_so_do_the_question_and_the_way_of_asking() -> None:
    assert flight_key(b"r", Conditions(), streamed=True) != ONE
    assert flight_key(b"q", Conditions(), streamed=False) != ONE
