"""What is wrong with a question that is only to be counted."""

import time

from mainstay import v1 as pb
from service.rpc import limits
from service.rpc.validation import violations_of, violations_of_count

HELLO = pb.ChatRequest(model="m", messages=[pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hi")])])


def test_a_good_question_has_nothing_wrong() -> None:
    assert violations_of_count(pb.CountTokensRequest(chat=HELLO)).count == 0


def test_what_is_wrong_with_a_chat_is_wrong_here_by_its_path_from_here() -> None:
    wrong = pb.ChatRequest(messages=HELLO.messages, temperature=9)
    chat, count = violations_of(wrong), violations_of_count(pb.CountTokensRequest(chat=wrong))
    assert [(f"chat.{one.field}", one.description) for one in chat] == [(one.field, one.description) for one in count]
    assert not count.only_limits


def test_a_limit_stays_a_limit() -> None:
    long = pb.ChatRequest(model="m" * 1000, messages=HELLO.messages)
    assert violations_of_count(pb.CountTokensRequest(chat=long)).only_limits


def test_all_that_is_wrong_is_counted_though_not_all_is_told() -> None:
    wrong = pb.ChatRequest(model="m", messages=[pb.Message(role=pb.ROLE_USER)] * 50)
    count = violations_of_count(pb.CountTokensRequest(chat=wrong))
    assert count.count == violations_of(wrong).count == 50
    assert len(list(count)) == limits.VIOLATIONS


def test_unknown_fields_are_told_by_number_beside_the_question_and_in_it() -> None:
    unknown = b"\x78\x01"
    chat = pb.ChatRequest.FromString(HELLO.SerializeToString() + b"\xf8\x06\x01")
    request = pb.CountTokensRequest.FromString(pb.CountTokensRequest(chat=chat).SerializeToString() + unknown)
    assert [one.field for one in violations_of_count(request)] == ["#15", "chat.#111"]


def test_very_many_unknown_fields_take_no_time() -> None:
    request = pb.CountTokensRequest.FromString(b"\x78\x01" * 4_000_000)
    began = time.process_time()
    (one,) = violations_of_count(request)
    assert time.process_time() - began < 0.5
    assert "8,000,000 bytes" in one.description
