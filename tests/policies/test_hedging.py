"""When a request is slow."""

import pytest

from service.policies.hedging import HedgeOptions, delay_of
from service.policies.latency import Latency

OPTIONS = HedgeOptions()


def seen(*times: float, given_up: bool = False) -> Latency:
    latency = Latency(lambda: 0.0)
    for seconds in times:
        (latency.gave_up if given_up else latency.saw)(seconds)
    return latency


def test_a_request_is_slow_after_the_quantile_and_not_after_the_slowest() -> None:
    assert delay_of(seen(*[1.0] * 96, *[5.0] * 4), OPTIONS) == 1.0
    assert delay_of(seen(*[1.0] * 94, *[5.0] * 6), OPTIONS) == 5.0


def test_a_bad_minute_in_which_most_are_given_up_does_not_switch_hedging_off() -> None:
    latency = seen(*[1.0] * 20)
    for _ in range(100):
        latency.gave_up(8.0)
    assert delay_of(latency, OPTIONS) == 1.0


def test_as_long_as_there_was_no_answer_nothing_is_slow() -> None:
    assert delay_of(seen(*[1.0] * 20, given_up=True), OPTIONS) is None


@pytest.mark.parametrize(("times", "delay"), [(2, None), (3, 1.0)])
def test_a_few_requests_say_nothing(times: int, delay: float | None) -> None:
    assert delay_of(seen(*[1.0] * times), HedgeOptions(least=3)) == delay


@pytest.mark.parametrize(("took", "delay"), [(0.2, 0.5), (1.0, 1.0), (9.0, 2.0)])
def test_the_delay_has_a_floor_and_a_ceiling(took: float, delay: float) -> None:
    assert delay_of(seen(*[took] * 20), HedgeOptions(floor=0.5, ceiling=2.0)) == delay
