"""When a token is renewed, and how long a server that gave none is left alone."""

from hypothesis import given
from hypothesis import strategies as st

from service.providers.auth.renewal import FIRST_WAIT, LONGEST_WAIT, Backoff, renewed_after


def test_a_token_is_renewed_in_its_last_minute_or_its_last_tenth() -> None:
    assert renewed_after(300, lambda: 0.0) == 240
    assert renewed_after(7200, lambda: 0.0) == 6480


@given(st.floats(1, 1e8), st.floats(0, 1, exclude_max=True))
def test_never_before_its_prime_nor_when_it_is_too_late(life: float, dice: float) -> None:
    assert 0.39 * life < renewed_after(life, lambda: dice) < life


def test_replicas_renew_apart() -> None:
    assert renewed_after(7200, lambda: 0.9) < renewed_after(7200, lambda: 0.1) - 60


def test_waits_grow_up_to_a_bound_and_begin_anew_after_success() -> None:
    backoff = Backoff(lambda: 1.0)
    waits = [backoff.failed() for _ in range(9)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    backoff.worked()
    assert backoff.failed() == FIRST_WAIT


def test_a_server_that_asks_for_more_gets_it_within_reason() -> None:
    assert Backoff(lambda: 0.0).failed(30) == 30
    assert Backoff(lambda: 0.0).failed(86_400) == LONGEST_WAIT
    assert Backoff(lambda: 0.0).failed() == FIRST_WAIT / 2
