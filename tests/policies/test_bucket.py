"""How much may go through under a limit for a minute."""

from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.chat.permit import Allowance
from service.policies.bucket import Bucket


class Clock:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


def taken(bucket: Bucket, amount: float = 1.0) -> int:
    """How often so much may go right now; it goes."""
    times = 0
    while bucket.has(amount):
        bucket.take(amount)
        times += 1
    return times


PER_MINUTE = st.integers(1, 10_000)
STEPS = st.lists(
    st.tuples(
        st.floats(0, 40),  # seconds until then
        st.integers(1, 400),  # how much is wanted
        st.floats(0, 1),  # the share that is used in truth
        st.integers(0, 8),  # after how many further steps that is known
    ),
    min_size=1,
    max_size=30,
)


@given(PER_MINUTE, STEPS)
def test_in_no_window_more_goes_than_the_brim_and_what_flows_in(
    per_minute: int, steps: list[tuple[float, int, float, int]]
) -> None:
    clock = Clock()
    bucket = Bucket(per_minute, clock)
    brim, rate = max(1.0, 0.2 * per_minute), 0.8 * per_minute / 60
    went: list[list[float]] = []
    known: list[tuple[int, int, float, float, float]] = []
    for number, (seconds, amount, share, later) in enumerate(steps):
        clock.time += seconds
        for told in [one for one in known if one[0] <= number]:
            known.remove(told)
            bucket.correct(*told[2:])
            went[told[1]][1] = told[4]
        if bucket.has(amount):
            known.append((number + later, len(went), bucket.take(amount), amount, amount * share))
            went.append([clock.time, amount])
    for first, (begin, _) in enumerate(went):
        total = largest = 0.0
        for then, size in went[first:]:
            total, largest = total + size, max(largest, size)
            assert total <= brim + rate * (then - begin) + max(0.0, largest - brim) + 1e-3


@given(st.integers(1, 100), st.lists(st.floats(0, 5), min_size=1, max_size=40))
def test_no_minute_sees_more_requests_than_the_limit(per_minute: int, gaps: list[float]) -> None:
    clock = Clock()
    bucket = Bucket(per_minute, clock)
    times: list[float] = []
    for gap in gaps:
        clock.time += gap
        times += [clock.time] * taken(bucket)
    for then in set(times):
        assert sum(then <= other < then + 60 for other in times) <= per_minute


@given(PER_MINUTE, st.integers(1, 5000), st.floats(0, 5000))
def test_it_waits_exactly_as_long_as_it_must(per_minute: int, amount: int, ahead: float) -> None:
    for share, enough in ((1.0, True), (0.99, False)):
        clock = Clock()
        bucket = Bucket(per_minute, clock)
        bucket.take(ahead)
        wait = bucket.wait(amount)
        if wait == 0 or wait > 0.01:  # rounding
            clock.time += wait * share
            assert bucket.has(amount) is (enough or wait == 0)


def test_a_fifth_may_go_at_once_and_the_rest_over_the_minute(clock: Clock) -> None:
    bucket = Bucket(100, clock)
    assert taken(bucket) == 20
    clock.time += 30
    assert taken(bucket) == 20, "the brim"
    for _ in range(30):
        clock.time += 0.75
        assert taken(bucket) == 1


@pytest.mark.parametrize("per_minute", [1, 2, 3, 4, 5])
def test_even_the_smallest_limit_lets_one_go(per_minute: int, clock: Clock) -> None:
    assert taken(Bucket(per_minute, clock)) == 1


def test_more_than_it_ever_holds_goes_when_it_is_full_and_is_owed(clock: Clock) -> None:
    bucket = Bucket(100, clock)
    bucket.take(1)
    assert not bucket.has(100)
    clock.time += 0.75
    assert bucket.has(100)
    bucket.take(100)
    assert bucket.wait(1) == pytest.approx((80 + 1) / (80 / 60))


def test_who_waits_behind_others_waits_for_what_they_take_too(clock: Clock) -> None:
    bucket = Bucket(60, clock)
    taken(bucket)
    assert bucket.wait(1) == pytest.approx(1.25)
    assert bucket.wait(1, ahead=9) == pytest.approx(12.5)


def test_what_was_not_used_comes_back(clock: Clock) -> None:
    bucket = Bucket(100, clock)
    mark = bucket.take(20)
    bucket.correct(mark, 20, 5)
    assert bucket.has(15)
    assert not bucket.has(16)


def test_what_was_used_beyond_the_estimate_is_owed(clock: Clock) -> None:
    bucket = Bucket(100, clock)
    bucket.correct(bucket.take(10), 10, 30)
    assert bucket.wait(1) == pytest.approx(11 / (80 / 60))


def test_what_flowed_over_the_brim_meanwhile_does_not_come_back(clock: Clock) -> None:
    bucket = Bucket(100, clock)
    mark = bucket.take(20)
    clock.time += 15
    assert taken(bucket, 20) == 1, "full again: what was reserved at first has grown back"
    bucket.correct(mark, 20, 0)
    assert not bucket.has(1)


def test_no_limit_lets_everything_go_and_is_always_full(clock: Clock) -> None:
    bucket = Bucket(None, clock)
    mark = bucket.take(10**9)
    bucket.correct(mark, 10**9, 3)
    assert (bucket.has(10**12), bucket.wait(10**12, 10**12), bucket.fill, bucket.is_limited) == (True, 0.0, 1.0, False)


def test_the_fill_is_a_share(clock: Clock) -> None:
    bucket = Bucket(100, clock)
    bucket.take(5)
    assert bucket.fill == pytest.approx(0.75)
    bucket.take(100)
    assert bucket.fill == 0.0


SPOKEN = Allowance(limit=60, remaining=10, resets_in=50)
"""One comes back in a second."""


def test_a_limit_is_learnt_from_what_the_provider_says(clock: Clock) -> None:
    bucket = Bucket(None, clock)
    bucket.learn(SPOKEN, bucket.take(1))
    assert bucket.is_limited
    assert taken(bucket) == 10
    assert bucket.wait(1) == pytest.approx(1)
    clock.time += 3
    assert taken(bucket) == 3


def test_requests_that_the_provider_had_not_counted_are_counted_off(clock: Clock) -> None:
    bucket = Bucket(None, clock)
    mark = bucket.take(1)
    for _ in range(8):
        bucket.take(1)
    bucket.learn(SPOKEN, mark)
    assert taken(bucket) == 2


def test_old_news_are_none(clock: Clock) -> None:
    bucket = Bucket(None, clock)
    earlier, later = bucket.take(1), bucket.take(1)
    bucket.learn(SPOKEN, later)
    bucket.learn(Allowance(limit=60, remaining=60), earlier)
    assert taken(bucket) == 10


def test_without_a_reset_a_limit_comes_back_in_a_minute(clock: Clock) -> None:
    bucket = Bucket(None, clock)
    bucket.learn(Allowance(limit=120, remaining=0), bucket.take(1))
    assert bucket.wait(1) == pytest.approx(0.5)


def test_one_that_is_full_flows_as_if_it_held_a_minute(clock: Clock) -> None:
    bucket = Bucket(None, clock)
    bucket.learn(Allowance(limit=120, remaining=120, resets_in=0.001), bucket.take(1))
    assert taken(bucket) == 120
    assert bucket.wait(1) == pytest.approx(0.5)


def test_what_the_provider_says_never_widens_a_limit_that_is_written(clock: Clock) -> None:
    bucket = Bucket(100, clock)
    bucket.learn(Allowance(limit=1000, remaining=900, resets_in=6), bucket.take(1))
    assert taken(bucket) == 19
    clock.time += 60
    bucket.learn(Allowance(limit=1000, remaining=3, resets_in=60), bucket.take(1))
    assert taken(bucket) == 3


def test_after_news_nothing_is_paid_back_that_the_provider_has_counted_in_its_own_way(clock: Clock) -> None:
    bucket = Bucket(None, clock)
    mark = bucket.take(500)
    bucket.learn(Allowance(limit=1000, remaining=400, resets_in=60), mark)
    bucket.correct(mark, 500, 3)
    assert bucket.has(400)
    assert not bucket.has(401)
    later = bucket.take(300)
    bucket.correct(later, 300, 100)
    assert bucket.has(300)


def test_however_much_is_under_way_the_debt_is_bounded(clock: Clock) -> None:
    bucket = Bucket(None, clock)
    mark = bucket.take(1)
    bucket.take(10**6)
    bucket.learn(Allowance(limit=60, remaining=10, resets_in=50), mark)
    assert bucket.wait(1) < 62


def test_it_never_waits_for_ever_once_there_is_a_limit(clock: Clock) -> None:
    bucket = Bucket(1, clock)
    taken(bucket)
    assert bucket.wait(10**6) < inf
