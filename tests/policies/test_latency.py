"""What is known of how fast a target is."""

from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.policies.latency import EVERY, SAMPLES, STALE_SECONDS, Latency

TIMES = st.lists(st.floats(0.001, 60), min_size=1, max_size=SAMPLES)
SHARES = st.sampled_from([0.5, 0.9, 0.95, 0.99])


def a_latency(times: list[float]) -> Latency:
    latency = Latency(lambda: 0.0)
    for seconds in times:
        latency.saw(seconds)
    return latency


@given(TIMES, SHARES)
def test_without_censoring_it_is_the_quantile_of_the_samples(times: list[float], share: float) -> None:
    rank = ceil(share * len(times) - 1e-6)
    found = Latency(lambda: 0.0)
    for seconds in times:
        found.saw(seconds)
    found._known.clear()  # what was looked up before the latest samples does not stand in the way
    assert found.quantile(share) == sorted(times)[rank - 1]


@given(TIMES, st.lists(st.floats(0, 60), max_size=SAMPLES // 2), SHARES)
def test_a_request_that_is_given_up_late_never_makes_a_target_look_faster(
    answered: list[float], later: list[float], share: float
) -> None:
    latency = a_latency(answered[: SAMPLES // 2])
    before = latency.quantile(share)
    assert before is not None
    for seconds in later:
        latency.gave_up(before + seconds)
    latency._known.clear()
    after = latency.quantile(share)
    assert after is not None
    assert after >= before


def hedged(delay_of: float, slow: float, calls: int = 5000) -> tuple[list[float], float]:
    """Delays at which a target is hedged that is slow by twenty times in so many of a hundred, and how many were."""
    dice, latency, delays, hedges = Random(7), Latency(lambda: 0.0), [], 0
    for _ in range(calls):
        took = 20.0 if dice.random() < slow else 0.8 + 0.4 * dice.random()
        delay = min(latency.quantile(delay_of) or 99, latency.longest or 99) if len(latency) >= 20 else 99
        if took <= delay:
            latency.saw(took)
            continue
        hedges += 1
        delays.append(delay)
        second = delay + 0.8 + 0.4 * dice.random()
        if took <= second:
            latency.saw(took)
        else:
            latency.gave_up(second)
            latency.saw(second - delay)
    return delays, hedges / calls


@pytest.mark.parametrize(("quantile", "slow", "most"), [(0.95, 0.03, 0.06), (0.9, 0.05, 0.11)])
def test_the_delay_of_hedges_is_stable_though_their_losers_are_given_up(
    quantile: float, slow: float, most: float
) -> None:
    delays, share = hedged(quantile, slow)
    settled = delays[len(delays) // 2 :]
    assert 0.9 < min(settled) <= max(settled) < 1.3
    assert share <= most


def test_if_nearly_all_were_given_up_it_is_at_least_as_long_as_that() -> None:
    latency = a_latency([1.0])
    for _ in range(30):
        latency.gave_up(3.0)
    assert latency.quantile(0.5) == 3.0


def test_only_the_latest_count() -> None:
    latency = a_latency([9.0] * SAMPLES + [1.0] * SAMPLES)
    assert latency.quantile(0.99) == 1.0
    assert len(latency) == SAMPLES


def test_a_quantile_is_looked_up_anew_after_so_many_samples() -> None:
    latency = a_latency([1.0] * 2 * EVERY)
    assert latency.quantile(0.99) == 1.0
    for _ in range(EVERY - 1):
        latency.saw(9.0)
    assert latency.quantile(0.99) == 1.0
    latency.saw(9.0)
    assert latency.quantile(0.99) == 9.0


def test_nothing_seen_is_nothing_known() -> None:
    latency = Latency(lambda: 0.0)
    assert latency.quantile(0.5) is None
    assert not latency.is_fresh


def test_what_was_seen_becomes_old() -> None:
    time = 0.0
    latency = Latency(lambda: time)
    latency.saw(1.0)
    time = STALE_SECONDS - 1
    assert latency.is_fresh
    time = STALE_SECONDS
    assert not latency.is_fresh
