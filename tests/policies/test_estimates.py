"""How the estimate of a target's tokens follows what its provider counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.target import Target
from service.policies.estimates import EVERY, FIRST, LEAST_BYTES, LEAST_RATIO, MOST_BYTES, MOST_RATIO, Estimates, Ratio

ONE, OTHER = Target("a", "m"), Target("b", "m")


def asking(text: str) -> pb.ChatRequest:
    return pb.ChatRequest(messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text=text)])])


QUESTION = asking("mast " * 1000)


def guessed(estimates: Estimates, target: Target = ONE) -> int:
    tokens = estimates.of_request(QUESTION, target)
    assert tokens is not None
    return tokens


def test_a_target_that_counts_more_is_believed_more_with_every_question() -> None:
    estimates, before = Estimates(), guessed(Estimates())
    seen = [before]
    for _ in range(20):
        estimates.learn(QUESTION, ONE, round(before * 1.5))
        seen.append(guessed(estimates))
    assert seen == sorted(seen)
    assert seen[1] == pytest.approx(before * 1.25, abs=1)
    assert seen[-1] == pytest.approx(before * 1.5, rel=0.01)
    assert guessed(estimates, OTHER) == before


def test_an_outlier_weighs_a_fifth_at_most_once_there_are_others() -> None:
    ratio = Ratio()
    for _ in range(10):
        ratio.learn(1.2)
    before = ratio.value
    ratio.learn(2.0)
    assert ratio.value - before == pytest.approx(0.2 * (2.0 - before))


@given(st.lists(st.floats(min_value=0, max_value=1e6)))
def test_the_correction_has_bounds(ratios: list[float]) -> None:
    ratio = Ratio()
    for one in ratios:
        ratio.learn(one)
    assert LEAST_RATIO <= ratio.value <= MOST_RATIO


def test_the_texts_alone_are_corrected_too() -> None:
    estimates = Estimates()
    before = estimates.at_least(QUESTION, ONE)
    for _ in range(50):
        estimates.learn(QUESTION, ONE, before * 2)
    assert estimates.at_least(QUESTION, ONE) == pytest.approx(before * 2, rel=0.01)


def test_the_first_questions_of_a_target_are_learnt_from_and_then_few() -> None:
    estimates = Estimates()
    met = [estimates.meets(QUESTION, ONE) for _ in range(3 * EVERY)]
    assert met[:FIRST] == [True] * FIRST
    assert sum(met) == FIRST + 3
    assert estimates.meets(QUESTION, OTHER)


@pytest.mark.parametrize("text", ["hello", "x" * (LEAST_BYTES // 2), "x" * MOST_BYTES])
def test_of_very_short_and_very_long_questions_nothing_is_learnt(text: str) -> None:
    assert not Estimates().meets(asking(text), ONE)


def test_of_a_question_with_pictures_nothing_is_learnt() -> None:
    estimates, before = Estimates(), guessed(Estimates())
    picture = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(image=pb.Media(url="https://x"))])
    estimates.learn(pb.ChatRequest(messages=[*QUESTION.messages, picture]), ONE, 9 * before)
    assert guessed(estimates) == before


def test_the_least_recently_used_target_is_forgotten() -> None:
    estimates, before = Estimates(most=1), guessed(Estimates())
    estimates.learn(QUESTION, ONE, 2 * before)
    assert guessed(estimates) > before
    guessed(estimates, OTHER)
    assert guessed(estimates) == before
