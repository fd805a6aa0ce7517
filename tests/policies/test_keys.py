"""Which key goes with the next request."""

from collections import Counter
from collections.abc import Sequence
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from mainstay import v1 as pb
from service.chat.failures import VERDICTS, Failure
from service.policies.keys import LONG_SECONDS, MOST_MODELS, UNTOLD_SECONDS, KeyRing

REFUSED = Failure(pb.FAILURE_KIND_BAD_CREDENTIALS, "no")
FORBIDDEN = Failure(pb.FAILURE_KIND_PERMISSION, "no")
WEIGHTS = st.lists(st.integers(1, 20), min_size=1, max_size=6)
ROTATING = sorted(kind for kind, verdict in VERDICTS.items() if verdict.rotate_key)


def limited(seconds: float | None = None) -> Failure:
    return Failure(pb.FAILURE_KIND_RATE_LIMITED, "wait", retry_after=seconds)


class Clock:
    time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


def chosen(ring: KeyRing, times: int, model: str = "m") -> list[int]:
    return [ring.choose(model) for _ in range(times)]


@given(WEIGHTS, st.integers(1, 20))
def test_in_every_round_each_key_gets_its_weight(weights: Sequence[int], rounds: int) -> None:
    ring = KeyRing(weights, Clock())
    counted = Counter(chosen(ring, sum(weights) * rounds))
    assert counted == {key: weight * rounds for key, weight in enumerate(weights)}


def test_turns_are_spread_and_not_bunched(clock: Clock) -> None:
    assert chosen(KeyRing([3, 1, 1], clock), 5) == [0, 1, 0, 2, 0]


def test_a_limited_key_waits_for_its_reset_and_then_comes_last(clock: Clock) -> None:
    ring = KeyRing([1, 1, 1], clock)
    ring.set_aside(1, "m", limited(7))
    assert set(chosen(ring, 50)) == {0, 2}
    clock.time += 7
    assert chosen(ring, 6).index(1) >= 3
    assert Counter(chosen(ring, 300))[1] == pytest.approx(100, abs=4)


def test_a_key_without_a_reset_waits_a_little_and_one_with_too_short_a_reset_too(clock: Clock) -> None:
    ring = KeyRing([1, 1], clock)
    assert ring.set_aside(0, "m", limited()) == UNTOLD_SECONDS
    assert ring.set_aside(1, "m", limited(0.001)) == 1.0


@pytest.mark.parametrize("kind", [kind for kind in ROTATING if kind != pb.FAILURE_KIND_RATE_LIMITED])
def test_a_refused_key_waits_for_long(kind: pb.FailureKind.ValueType, clock: Clock) -> None:
    ring = KeyRing([1, 1], clock)
    assert ring.set_aside(0, "m", Failure(kind, "no", retry_after=3)) == LONG_SECONDS
    clock.time += LONG_SECONDS - 1
    assert set(chosen(ring, 10)) == {1}
    clock.time += 1
    assert set(chosen(ring, 10)) == {0, 1}


def test_a_quota_that_is_said_to_last_longer_does(clock: Clock) -> None:
    failure = Failure(pb.FAILURE_KIND_QUOTA_EXHAUSTED, "tomorrow", retry_after=80_000)
    assert KeyRing([1], clock).set_aside(0, "m", failure) == 80_000


def test_what_was_said_to_last_longer_is_not_shortened(clock: Clock) -> None:
    ring = KeyRing([1, 1], clock)
    ring.set_aside(0, "m", FORBIDDEN)
    ring.set_aside(0, "m", limited(2))
    clock.time += 3
    assert set(chosen(ring, 5)) == {1}


def test_a_key_that_is_not_accepted_is_so_for_every_model(clock: Clock) -> None:
    ring = KeyRing([1, 1], clock)
    ring.set_aside(0, "m", REFUSED)
    assert set(chosen(ring, 10, "another")) == {1}


@pytest.mark.parametrize("failure", [FORBIDDEN, limited(60), Failure(pb.FAILURE_KIND_QUOTA_EXHAUSTED, "")])
def test_a_caller_who_names_what_a_key_may_not_do_takes_nothing_from_others(failure: Failure, clock: Clock) -> None:
    ring = KeyRing([1, 1], clock)
    for key in (0, 1):
        ring.set_aside(key, "forbidden", failure)
    assert set(chosen(ring, 10, "good")) == {0, 1}
    assert ring.has_another("good")
    assert not ring.has_another("forbidden")


def test_if_all_are_set_aside_the_first_to_come_back_is_asked_all_the_same(clock: Clock) -> None:
    ring = KeyRing([1, 1, 1], clock)
    for key, failure in enumerate([REFUSED, limited(9), limited(30)]):
        ring.set_aside(key, "m", failure)
    assert chosen(ring, 3) == [1, 1, 1]
    assert not ring.has_another("m")


def test_one_key_is_never_withheld(clock: Clock) -> None:
    ring = KeyRing([1], clock)
    ring.set_aside(0, "m", REFUSED)
    assert ring.choose("m") == 0


def test_only_the_first_news_of_a_key_is_news(clock: Clock) -> None:
    ring = KeyRing([1, 1], clock)
    assert ring.set_aside(0, "m", REFUSED) is not None
    assert ring.set_aside(0, "m", REFUSED) is None
    assert ring.set_aside(0, "other", FORBIDDEN) is None
    clock.time += LONG_SECONDS + 1
    assert ring.set_aside(0, "m", REFUSED) is not None


def test_models_that_callers_make_up_are_forgotten(clock: Clock) -> None:
    ring = KeyRing([1, 1], clock)
    ring.set_aside(0, "m", FORBIDDEN)
    for number in range(MOST_MODELS * 3):
        ring.set_aside(0, f"made-up-{number}", limited(1))
    assert all(len(key._models) <= MOST_MODELS for key in ring._keys)
    assert set(chosen(ring, 5)) == {1}, "what lasts longest is remembered"


def test_whoever_knows_more_chooses_among_the_usable_by_the_same_turns(clock: Clock) -> None:
    ring = KeyRing([1, 1, 1], clock)
    assert [ring.in_turn([0, 2]) for _ in range(4)] == [0, 2, 0, 2]
    assert ring.usable("m") == [0, 1, 2]
    ring.set_aside(0, "m", limited(7))
    assert ring.usable("m") == [1, 2]
    assert ring.usable("other") == [0, 1, 2]


def test_it_tells_when_the_next_key_comes_back(clock: Clock) -> None:
    ring = KeyRing([1, 1, 1], clock)
    assert ring.back_in("m") == inf
    ring.set_aside(0, "m", limited(7))
    ring.set_aside(1, "m", limited(3))
    assert (ring.back_in("m"), ring.back_in("other")) == (3, inf)


class Ring(RuleBasedStateMachine):
    """Whatever fails whenever: a key that is set aside is not chosen while another is usable."""

    @initialize(weights=WEIGHTS)
    def begin(self, weights: list[int]) -> None:
        self.clock = Clock()
        self.ring = KeyRing(weights, self.clock)
        self.until: dict[tuple[int, str], float] = {}
        self.count = len(weights)

    def usable(self, model: str) -> set[int]:
        aside = {key for (key, of), until in self.until.items() if of in (model, "*") and until > self.clock.time}
        return set(range(self.count)) - aside

    @rule(seconds=st.sampled_from([0.1, 1.0, 5.0, 600.0]))
    def wait(self, seconds: float) -> None:
        self.clock.time += seconds

    @rule(model=st.sampled_from("ab"), kind=st.sampled_from(ROTATING), retry_after=st.sampled_from([None, 0.5, 30.0]))
    def fail(self, model: str, kind: pb.FailureKind.ValueType, retry_after: float | None) -> None:
        key = self.ring.choose(model)
        known = key not in self.usable(model)
        seconds = self.ring.set_aside(key, model, Failure(kind, "", retry_after=retry_after))
        assert (seconds is None) == known
        limited = kind == pb.FAILURE_KIND_RATE_LIMITED
        lasts = max(1.0, retry_after or 5.0) if limited else max(600.0, retry_after or 0.0)
        assert seconds in (None, lasts)
        of = "*" if kind in (pb.FAILURE_KIND_BAD_CREDENTIALS, pb.FAILURE_KIND_BILLING) else model
        self.until[key, of] = max(self.until.get((key, of), 0.0), self.clock.time + lasts)

    @rule(model=st.sampled_from("ab"), times=st.integers(1, 30))
    def serve(self, model: str, times: int) -> None:
        usable = self.usable(model)
        if usable:
            assert set(chosen(self.ring, times, model)) <= usable

    @invariant()
    def whether_there_is_another_is_true(self) -> None:
        for model in "ab":
            if self.usable(model):
                assert self.ring.choose(model) in self.usable(model)
            assert not self.ring.has_another(model) or self.usable(model)


TestRing = Ring.TestCase
