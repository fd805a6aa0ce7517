"""Whom to ask next, and what to tell in the end."""

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.chat.target import Candidate, Target
from service.policies.onward import may_leave, to_tell, why_not


def failure(name: str) -> Failure:
    return Failure(pb.FailureKind.Value(f"FAILURE_KIND_{name}"), name)


def window(tokens: int | None) -> Candidate:
    return Candidate(target=Target("p", "m"), context_tokens=tokens)


@pytest.mark.parametrize("name", ["OVERLOADED", "RATE_LIMITED", "TOO_SLOW", "UNSUPPORTED", "CONTEXT_TOO_LONG"])
def test_what_another_target_may_mend_goes_on(name: str) -> None:
    assert may_leave(failure(name), leave_content_filter=False)


@pytest.mark.parametrize("name", ["INVALID_REQUEST", "OUT_OF_TIME", "CANCELLED"])
def test_what_nobody_can_mend_stops(name: str) -> None:
    assert not may_leave(failure(name), leave_content_filter=True)


def test_a_filtered_question_goes_on_only_where_the_route_says_so() -> None:
    assert not may_leave(failure("CONTENT_FILTERED"), leave_content_filter=False)
    assert may_leave(failure("CONTENT_FILTERED"), leave_content_filter=True)


@pytest.mark.parametrize(
    ("tokens", "too_long_for", "admissible"),
    [(8, None, True), (None, 8, True), (8, 8, False), (4, 8, False), (16, 8, True), (8, 0, True)],
)
def test_only_a_larger_window_or_an_unknown_one_is_worth_a_try(
    tokens: int | None, too_long_for: int | None, admissible: bool
) -> None:
    assert (why_not(window(tokens), too_long_for) is None) == admissible


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["OVERLOADED", "INVALID_REQUEST"], "OVERLOADED"),
        (["CONTEXT_TOO_LONG", "UNREACHABLE"], "UNREACHABLE"),
        (["RATE_LIMITED", "OVERLOADED"], "RATE_LIMITED"),
        (["UNSUPPORTED", "INVALID_REQUEST"], "UNSUPPORTED"),
        (["CONTEXT_TOO_LONG"], "CONTEXT_TOO_LONG"),
        (["OVERLOADED", "CONTENT_FILTERED"], "CONTENT_FILTERED"),
    ],
)
def test_the_failure_that_kept_the_call_from_its_first_choice_is_told(names: list[str], told: str) -> None:
    assert to_tell([failure(name) for name in names]).detail == told
