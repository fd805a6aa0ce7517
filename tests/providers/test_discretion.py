"""What we identify by stays out of what a provider says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.discretion import LEAST, Discretion

KEY = "0badcafe-4b1d-4c0f-9e1d-canary"
HEADER = "gateway-canary-77"
SOON_REPEATED = st.text("ab", min_size=LEAST, max_size=20)


def test_the_credential_is_taken_out_wherever_it_stands() -> None:
    assert Discretion([KEY]).text(f"key {KEY}, again {KEY}") == "key ***, again ***"


def test_there_may_be_several_and_one_may_hold_another() -> None:
    knows = Discretion([HEADER, f"Bearer {HEADER}", KEY])
    assert knows.text(f"{KEY}: not with {HEADER}, nor with Bearer {HEADER}") == "***: not with ***, nor with ***"


def test_a_failure_keeps_everything_else() -> None:
    failure = Failure(pb.FAILURE_KIND_RATE_LIMITED, f"no, {KEY}", retry_after=2, provider_request_id=f"r-{KEY}")
    safe = Discretion([KEY]).failure(failure)
    assert (safe.kind, safe.detail, safe.retry_after) == (failure.kind, "no, ***", 2)
    assert safe.provider_request_id == "r-***"


@pytest.mark.parametrize("secrets", [[], [""], ["abc"]])
def test_without_a_credential_nothing_is_changed(secrets: list[str]) -> None:
    assert Discretion(secrets).text("abc, as it was") == "abc, as it was"


def test_it_does_not_print_what_it_keeps() -> None:
    assert KEY not in repr(Discretion([KEY]))


def test_a_text_that_was_cut_in_the_middle_of_the_credential_loses_that_too() -> None:
    failure = Failure(pb.FAILURE_KIND_UNKNOWN, "x" * 190 + KEY)
    assert Discretion([HEADER, KEY]).failure(failure).detail == "x" * 190 + "***"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("no 0badcafe-4b1d-4***, see", "no ***, see"),  # its first half
        ("no 0badcafe-4b1d-4c0f-9e1...", "no ***..."),
        ("no 0badcafe-4b1d-***, see", "no 0badcafe-4b1d-***, see"),  # less: that is what vendors do, and harmless
        ("no gateway-c***", "no ***"),
        ("no gateway-***", "no gateway-***"),
        ("no shor", "no ***"),  # at the end the text may have been cut
        ("no shor, no shortly", "no shor, no ***ly"),
    ],
)
def test_a_beginning_that_gives_away_half_of_it_goes_too(said: str, left: str) -> None:
    assert Discretion([KEY, HEADER, "short"]).text(said) == left


@given(secrets=st.lists(SOON_REPEATED, max_size=3), said=st.lists(st.text("ab .", max_size=5) | SOON_REPEATED))
def test_no_credential_is_left_however_it_is_repeated(secrets: list[str], said: list[str]) -> None:
    left = Discretion(secrets).text("".join(said))
    assert [secret for secret in secrets if secret in left] == []
