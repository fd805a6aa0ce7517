"""Parts keep their order, their kind and their signature."""

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.providers.gemini.chunks import STOP, call, candidate, sse, text, thought
from tests.providers.gemini.folding import WIRE, fold, parts_of, streamed

SIGNED = {"thoughtSignature": "c2ln"}


def said(*chunks: object) -> pb.ChatResponse:
    return fold(streamed([sse(*chunks)]))


def test_text_goes_on_in_its_part_and_leaves_once_for_each_read() -> None:
    chunks = (candidate(text("A")), candidate(text("B")), STOP)
    assert [event.text_delta.text for event in streamed([sse(*chunks)])[:-1]] == ["AB"]
    assert parts_of(said(*chunks)) == [("text", "AB")]


def test_another_kind_of_part_between_two_texts_stays_between_them() -> None:
    code = {"executableCode": {"code": "1", "language": "PYTHON"}}
    chunks = (candidate(text("A")), candidate(code), candidate(text("B")), candidate(thought("t"), text("C")), STOP)
    assert parts_of(said(*chunks)) == [("text", "A"), ("block", code), ("text", "B"), ("thought", "t"), ("text", "C")]


@pytest.mark.parametrize("part", [{"inlineData": {"mimeType": "image/png", "data": "eA=="}}, {"toolCall": {"id": "a"}}])
def test_what_the_contract_does_not_model_passes_as_it_came(part: dict[str, object]) -> None:
    assert parts_of(said(candidate(part | SIGNED), STOP)) == [("block", part | SIGNED)]


def test_nothing_comes_of_an_empty_part() -> None:
    assert parts_of(said(candidate({}, text(""), text("A"), thought("")), STOP)) == [("text", "A")]


def test_a_signature_hangs_on_its_own_part() -> None:
    parts = (thought("t", **SIGNED), text("A", **SIGNED), call("f", {"a": 1}, **SIGNED), call("g"))
    assert parts_of(said(candidate(*parts), STOP)) == [
        ("thought", "t", SIGNED),
        ("text", "A", SIGNED),
        ("call", "call_1_r1", "f", {"a": 1}, SIGNED),
        ("call", "call_2_r1", "g", {}),
    ]


def test_a_signature_that_comes_last_belongs_to_the_text_before_it() -> None:
    chunks = (candidate(text("A")), candidate(text("", **SIGNED), finish="STOP"))
    assert parts_of(said(*chunks)) == [("text", "A", SIGNED)]


def test_what_was_signed_is_not_longer_than_when_it_was_signed() -> None:
    chunks = (candidate(text("A", **SIGNED)), candidate(text("B")), STOP)
    assert parts_of(said(*chunks)) == [("text", "A", SIGNED), ("text", "B")]


@pytest.mark.parametrize(
    ("part", "state"),
    [
        (SIGNED, {"text": "", **SIGNED}),
        (text("", **SIGNED), {"text": "", **SIGNED}),
        (thought("", **SIGNED), {"text": "", "thought": True, **SIGNED}),
    ],
)
def test_a_signature_of_nothing_is_kept_as_thoughts_that_are_withheld(part: object, state: object) -> None:
    assert parts_of(said(candidate(part, text("A")), STOP)) == [("withheld", "", state), ("text", "A")]


def test_only_the_first_candidate_counts() -> None:
    chunk = candidate(text("A"), finish="STOP")
    chunk["candidates"].insert(0, {"index": 1, "content": {"parts": [text("B")]}, "finishReason": "SAFETY"})
    response = fold(WIRE.decode(sse(chunk)))
    assert parts_of(response) == [("text", "A")]
    assert response.provider_finish_reason == "STOP"


def test_an_id_that_google_gave_is_kept_and_goes_back() -> None:
    assert parts_of(said(candidate(call("f", id="x-1")), STOP)) == [
        ("call", "x-1", "f", {}, {"functionCall": {"id": "x-1"}})
    ]


def test_two_calls_of_one_id_are_told_apart() -> None:
    response = said(candidate(call("f", id="x"), call("f", id="x")), STOP)
    assert [(part[1], part[4]) for part in parts_of(response)] == [
        ("x", {"functionCall": {"id": "x"}}),
        ("call_2_r1", {"functionCall": {"id": "x"}}),
    ]


def test_an_id_that_is_made_up_is_of_this_answer_alone_if_the_answer_has_a_name() -> None:
    for name, id in (("abc-1", "call_1_abc-1"), ("", "call_1"), ("not a plain name", "call_1"), (7, "call_1")):
        assert parts_of(said(candidate(call("f"), finish="STOP", responseId=name)))[0][1] == id


def test_a_call_without_a_name_is_malformed() -> None:
    with pytest.raises(Failure, match="MALFORMED: the answer holds a tool call without a name"):
        said(candidate({"functionCall": {"args": {}}}), STOP)


def test_there_is_an_end_to_the_number_of_calls() -> None:
    with pytest.raises(Failure, match="more than 1024 tool calls"):
        said(candidate(*[call("f")] * 1025), STOP)
