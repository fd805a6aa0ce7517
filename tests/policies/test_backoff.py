"""How long to wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.failures import VERDICTS, Failure
from service.policies.backoff import CAP_SECONDS, CROWDED, wait_before

DICE = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 1000), st.sampled_from(sorted(CROWDED)), DICE)
def test_a_crowded_target_is_spared_for_a_random_time_under_an_exponential_ceiling(
    tries: int, kind: pb.FailureKind.ValueType, dice: float
) -> None:
    wait = wait_before(tries, Failure(kind, ""), lambda: dice)
    assert 0 <= wait <= min(CAP_SECONDS, 2.0 ** min(tries - 1, 50))


@pytest.mark.parametrize(("tries", "ceiling"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (99, 60)])
def test_the_ceiling_doubles_from_one_second_to_sixty(tries: int, ceiling: float) -> None:
    almost_one = 1 - 2**-53
    wait = wait_before(tries, Failure(pb.FAILURE_KIND_OVERLOADED, ""), lambda: almost_one)
    assert wait == pytest.approx(ceiling)


@given(st.integers(1, 50), st.sampled_from(sorted(set(VERDICTS) - CROWDED)), DICE)
def test_other_failures_wait_in_steps_of_200_ms(tries: int, kind: pb.FailureKind.ValueType, dice: float) -> None:
    assert wait_before(tries, Failure(kind, ""), lambda: dice) == pytest.approx(0.2 * tries)


@given(st.integers(1, 50), st.sampled_from(sorted(VERDICTS)), st.floats(0, 1e5))
def test_what_the_provider_asks_for_goes_before_all(
    tries: int, kind: pb.FailureKind.ValueType, retry_after: float
) -> None:
    assert wait_before(tries, Failure(kind, "", retry_after=retry_after), lambda: 0.5) == retry_after
