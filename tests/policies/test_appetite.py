"""How many tokens a request is likely to use."""

import pytest

from mainstay import v1 as pb
from service.policies.appetite import INPUT, OUTPUT, Appetite


def asked(text: str = "", *, most: int | None = None, image: bool = False) -> pb.ChatRequest:
    parts = [pb.Part(text=text)] + ([pb.Part(image=pb.Media(data=b"x"))] if image else [])
    request = pb.ChatRequest(messages=[pb.Message(role=pb.ROLE_USER, parts=parts)])
    if most is not None:
        request.max_output_tokens = most
    return request


def test_it_is_the_question_and_the_longest_answer() -> None:
    assert 1000 + 90 <= Appetite().of(asked("word " * 100, most=1000), "m") <= 1000 + 110


def test_without_a_longest_answer_the_usual_one_counts() -> None:
    appetite = Appetite()
    assert appetite.of(asked(), "m") == pytest.approx(OUTPUT, abs=10)
    appetite.learn(pb.Usage(input_tokens=7, output_tokens=40))
    assert appetite.of(asked(), "m") == pytest.approx(40, abs=10)
    for _ in range(100):
        appetite.learn(pb.Usage(input_tokens=7, output_tokens=80))
    assert appetite.of(asked(), "m") == pytest.approx(80, abs=10)


def test_a_question_that_cannot_be_guessed_is_a_usual_one() -> None:
    appetite = Appetite()
    assert appetite.of(asked(image=True, most=5), "m") == INPUT + 5
    appetite.learn(pb.Usage(input_tokens=300, output_tokens=1))
    assert appetite.of(asked(image=True, most=5), "m") == 305


def test_the_usual_is_the_average() -> None:
    appetite = Appetite()
    assert appetite.usual == INPUT + OUTPUT
    appetite.learn(pb.Usage(input_tokens=100, output_tokens=10))
    appetite.learn(pb.Usage(input_tokens=200, output_tokens=10))
    assert appetite.usual == pytest.approx(120)
