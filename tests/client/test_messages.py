"""Requests as callers write them."""

from typing import Any

import pytest

from mainstay import user
from mainstay import v1 as pb
from mainstay.messages import request_of


def test_a_question_is_asked_of_the_default_model() -> None:
    assert request_of("hi", {}) == pb.ChatRequest(model="default", messages=[user("hi")])


@pytest.mark.parametrize(
    ("fields", "kind", "message"),
    [
        ({"temperatur": 1}, ValueError, 'temperatur: .* has no "temperatur" field'),
        ({"temperature": "hot"}, TypeError, "temperature: must be real number"),
        ({"tools": "search"}, TypeError, "tools: "),
        ({"model": "fast", "max_output_tokens": 1.5}, TypeError, "max_output_tokens: 'float' object"),
        ({"max_output_tokens": 2**40}, ValueError, "max_output_tokens: Value out of range"),
    ],
)
def test_a_field_that_cannot_be_used_is_named(fields: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        request_of("hi", fields)


def test_a_question_that_is_none_is_told_without_what_it_says() -> None:
    question: Any = ["a secret"]
    with pytest.raises(TypeError, match=r"^messages: ") as caught:
        request_of(question, {})
    assert "a secret" not in str(caught.value)


def test_a_ready_request_takes_no_further_fields() -> None:
    with pytest.raises(TypeError, match="no further fields, and there are: model"):
        request_of(pb.ChatRequest(), {"model": "fast"})
