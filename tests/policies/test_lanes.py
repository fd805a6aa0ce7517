"""What keys may do at a target, and which goes next."""

from math import inf
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.chat.permit import Allowance, Allowances
from service.policies.keys import KeyRing
from service.policies.lane import Ahead, Lane, Limits
from service.policies.lanes import Lanes


class Clock:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


LIMITED = Failure(pb.FAILURE_KIND_RATE_LIMITED, "wait", retry_after=30)
NOTHING_LEFT = Allowances(requests=Allowance(limit=60, remaining=0, resets_in=60))


def test_a_lane_without_limits_is_always_free(clock: Clock) -> None:
    lane = Lane(Limits(), clock)
    for _ in range(1000):
        assert lane.can(10**6)
        lane.take(10**6)
    assert (lane.wait(1), lane.fill, lane.counts_tokens, lane.in_flight) == (0.0, 1.0, False, 1000)


def test_so_many_at_a_time_and_no_more(clock: Clock) -> None:
    lane = Lane(Limits(concurrency=2), clock)
    first = lane.take(0)
    assert lane.fill == 0.5
    lane.take(0)
    assert not lane.can(0)
    assert lane.wait(0) == inf
    lane.settle(first, None)
    assert (lane.can(0), lane.wait(0)) == (True, 0.0)


def test_requests_and_tokens_each_have_their_limit(clock: Clock) -> None:
    lane = Lane(Limits(requests_per_minute=600, tokens_per_minute=6000), clock)
    lane.take(1200)
    assert lane.can(0)
    assert not lane.can(1)
    assert lane.wait(80) == pytest.approx(1)
    assert lane.due(80, Ahead(requests=0, tokens=80)) == pytest.approx(2)
    assert lane.due(0, Ahead(requests=120, tokens=0)) == pytest.approx(2 / 8)


def test_an_answer_that_used_less_gives_back_the_rest_and_its_request_stays_counted(clock: Clock) -> None:
    lane = Lane(Limits(requests_per_minute=5, tokens_per_minute=1000), clock)
    lane.settle(lane.take(200), 50)
    assert lane.wait(0) > 0
    clock.time += 15
    assert lane.can(150)


def test_what_nobody_knows_stays_reserved(clock: Clock) -> None:
    lane = Lane(Limits(tokens_per_minute=1000), clock)
    lane.settle(lane.take(200), None)
    assert (lane.in_flight, lane.can(1)) == (0, False)


def test_who_was_turned_away_gets_everything_back(clock: Clock) -> None:
    lane = Lane(Limits(requests_per_minute=5, tokens_per_minute=1000, concurrency=1), clock)
    lane.give_back(lane.take(200))
    assert (lane.can(200), lane.fill) == (True, 1.0)


def test_a_lane_is_held_for_as_long_as_the_provider_says(clock: Clock) -> None:
    lane = Lane(Limits(), clock)
    lane.hold(10)
    lane.hold(2)
    assert (lane.can(0), lane.wait(0), lane.held_for, lane.fill) == (False, 10, 10, 0.0)
    clock.time += 10
    assert (lane.can(0), lane.wait(0), lane.held_for, lane.fill) == (True, 0, 0, 1.0)


@pytest.mark.parametrize(("believes", "can"), [(True, False), (False, True)])
def test_headers_are_believed_unless_it_is_written_that_they_are_not(believes: bool, can: bool, clock: Clock) -> None:
    lane = Lane(Limits(from_headers=believes), clock)
    lane.learn(NOTHING_LEFT, lane.take(0))
    assert lane.can(0) is can


def test_tokens_are_counted_once_the_provider_speaks_of_them(clock: Clock) -> None:
    lane = Lane(Limits(), clock)
    lane.learn(Allowances(tokens=Allowance(limit=1000, remaining=700, resets_in=18)), lane.take(0))
    assert lane.counts_tokens
    assert lane.can(700)
    assert not lane.can(701)


def lanes(clock: Clock, *weights: int, **limits: Any) -> tuple[Lanes, KeyRing]:
    ring = KeyRing(weights, clock)
    return Lanes("m", Limits(**limits), ring, clock), ring


def keys(of: Lanes, times: int) -> list[int | None]:
    taken = [of.take(0) for _ in range(times)]
    return [None if one is None else one.key for one in taken]


def test_without_a_ring_there_is_one_lane(clock: Clock) -> None:
    assert keys(Lanes("m", Limits(), None, clock), 2) == [0, 0]
    assert len(Lanes("m", Limits(), KeyRing([1], clock), clock).each) == 1


def test_keys_take_turns_by_weight_and_each_has_its_own_limits(clock: Clock) -> None:
    both, _ = lanes(clock, 3, 1, concurrency=4)
    assert keys(both, 9) == [0, 0, 1, 0, 0, 1, 1, 1, None]


def test_a_key_that_is_set_aside_is_passed_over_and_looked_at_again_in_time(clock: Clock) -> None:
    both, ring = lanes(clock, 1, 1, concurrency=1)
    ring.set_aside(0, "m", LIMITED)
    assert keys(both, 2) == [1, None]
    assert both.wait(0) == 30
    clock.time += 30
    assert keys(both, 1) == [0]


def test_if_all_are_set_aside_the_first_to_come_back_is_asked_as_far_as_its_limits_go(clock: Clock) -> None:
    both, ring = lanes(clock, 1, 1, concurrency=1)
    for key in (0, 1):
        ring.set_aside(key, "m", LIMITED)
    assert keys(both, 2) == [0, None]


def test_the_shortest_wait_of_all_keys_counts_and_those_ahead_share_them(clock: Clock) -> None:
    both, _ = lanes(clock, 1, 1, requests_per_minute=60)
    assert keys(both, 25).count(None) == 1
    assert both.wait(0) == pytest.approx(1.25)
    assert both.due(0, Ahead(requests=10)) == pytest.approx(1.25 * 6)


def test_it_is_as_free_as_its_freest_key(clock: Clock) -> None:
    both, ring = lanes(clock, 1, 1, concurrency=2)
    keys(both, 1)
    assert both.fill == 1.0
    ring.set_aside(1, "m", LIMITED)
    assert both.fill == 0.5
