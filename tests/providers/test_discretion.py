"""A credential stays out of what a provider says."""

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.discretion import Discretion

KEY = "0badcafe-4b1d-4c0f-9e1d-canary"


def test_the_credential_is_taken_out_wherever_it_stands() -> None:
    assert Discretion(KEY).text(f"key {KEY}, again {KEY}") == "key ***, again ***"


def test_a_failure_keeps_everything_else() -> None:
    failure = Failure(pb.FAILURE_KIND_RATE_LIMITED, f"no, {KEY}", retry_after=2, provider_request_id=f"r-{KEY}")
    safe = Discretion(KEY).failure(failure)
    assert (safe.kind, safe.detail, safe.retry_after) == (failure.kind, "no, ***", 2)
    assert safe.provider_request_id == "r-***"


def test_without_a_credential_nothing_is_changed() -> None:
    assert Discretion("").text("as it was") == "as it was"


def test_it_does_not_print_what_it_keeps() -> None:
    assert KEY not in repr(Discretion(KEY))


def test_a_text_that_was_cut_in_the_middle_of_the_credential_loses_that_too() -> None:
    failure = Failure(pb.FAILURE_KIND_UNKNOWN, "x" * 190 + KEY)
    assert Discretion(KEY).failure(failure).detail == "x" * 190 + "***"
