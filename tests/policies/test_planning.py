"""Who is not asked, because the answer would come too late."""

from random import Random

import pytest

from service.policies.latency import STALE_SECONDS, Latency
from service.policies.planning import ANYWAY, LEAST, too_late

NEVER_ANYWAY = 0.99
"""Of the dice."""


def that_takes(seconds: float, times: int = LEAST, *, given_up: bool = False) -> Latency:
    latency = Latency(lambda: 0.0)
    for _ in range(times):
        (latency.gave_up if given_up else latency.saw)(seconds)
    return latency


@pytest.mark.parametrize(("left", "why"), [(3.0, None), (2.9, "it takes 3.0 s to begin, and there are 2.9 s left")])
def test_a_target_whose_median_is_longer_than_the_time_left_is_not_asked(left: float, why: str | None) -> None:
    assert too_late(that_takes(3.0), left, lambda: NEVER_ANYWAY) == why


def test_a_target_that_never_answers_in_time_is_one_that_takes_longer() -> None:
    assert too_late(that_takes(3.0, given_up=True), 2.0, lambda: NEVER_ANYWAY) is not None


def test_a_few_slow_requests_do_not_keep_a_target_from_being_asked() -> None:
    latency = that_takes(1.0, 6)
    for _ in range(4):
        latency.saw(9.0)
    assert too_late(latency, 2.0, lambda: NEVER_ANYWAY) is None


def test_a_few_requests_say_nothing() -> None:
    assert too_late(that_takes(3.0, LEAST - 1), 1.0, lambda: NEVER_ANYWAY) is None


def test_what_was_seen_a_minute_ago_says_nothing() -> None:
    time = 0.0
    latency = Latency(lambda: time)
    for _ in range(LEAST):
        latency.saw(3.0)
    time = STALE_SECONDS - 1
    assert too_late(latency, 1.0, lambda: NEVER_ANYWAY) is not None
    time = STALE_SECONDS
    assert too_late(latency, 1.0, lambda: NEVER_ANYWAY) is None


def test_one_call_in_twenty_goes_anyway() -> None:
    dice = Random(1)
    went = sum(too_late(that_takes(3.0), 1.0, dice.random) is None for _ in range(2000))
    assert went / 2000 == pytest.approx(ANYWAY, rel=0.2)
