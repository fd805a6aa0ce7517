"""Answers in one piece: their words, their finish reasons, their token counts."""

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.providers.openai.folding import WIRE, Said, fold


def body(message: object = None, finish: object = "stop", **fields: object) -> bytes:
    choice = {
        "index": 0,
        "message": {"content": "A"} if message is None else message,
        "finish_reason": finish,
    }
    return orjson.dumps({"object": "chat.completion", "choices": [choice], **fields})


def said(data: bytes) -> Said:
    return fold(WIRE.decode(data))


def completed(data: bytes) -> pb.ChatResponse:
    response = said(data).completed
    assert response is not None
    return response


CALL = {"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def test_a_whole_answer_is_its_parts_and_then_completed() -> None:
    message = {
        "role": "assistant",
        "content": "A",
        "reasoning_content": "hm",
        "tool_calls": [CALL, CALL | {"id": "b"}],
    }
    answer = said(body(message, "tool_calls"))
    assert (answer.reasoning, answer.text) == ("hm", "A")
    assert answer.calls == [("a", "f", "{}"), ("b", "f", "{}")]


@pytest.mark.parametrize("padding", [b"\n        \n\n", b"\xef\xbb\xbf", b"\r\n"])
def test_what_stands_before_the_json_is_passed_over(padding: bytes) -> None:
    assert said(padding + body()).text == "A"


def test_the_message_counts_and_not_a_delta_beside_it() -> None:
    choice = {"message": {"content": "A"}, "delta": {"content": ""}, "finish_reason": "stop"}
    assert said(orjson.dumps({"choices": [choice]})).text == "A"


@pytest.mark.parametrize(
    ("word", "with_calls", "reason"),
    [
        ("stop", False, pb.FINISH_REASON_STOP),
        ("stop", True, pb.FINISH_REASON_TOOL_CALLS),
        ("end_turn", False, pb.FINISH_REASON_STOP),
        ("eos", False, pb.FINISH_REASON_STOP),
        ("STOP", False, pb.FINISH_REASON_STOP),
        ("length", False, pb.FINISH_REASON_LENGTH),
        ("length", True, pb.FINISH_REASON_LENGTH),
        ("model_length", False, pb.FINISH_REASON_LENGTH),
        ("model_context_window_exceeded", False, pb.FINISH_REASON_LENGTH),
        ("tool_calls", True, pb.FINISH_REASON_TOOL_CALLS),
        ("tool_call", True, pb.FINISH_REASON_TOOL_CALLS),
        ("function_call", True, pb.FINISH_REASON_TOOL_CALLS),
        ("tool_calls", False, pb.FINISH_REASON_STOP),
        ("content_filter", False, pb.FINISH_REASON_CONTENT_FILTER),
        ("sensitive", False, pb.FINISH_REASON_CONTENT_FILTER),
        ("refusal", False, pb.FINISH_REASON_REFUSAL),
        ("pause_turn", False, pb.FINISH_REASON_PAUSE),
        ("MALFORMED_FUNCTION_CALL", False, pb.FINISH_REASON_OTHER),
        ("whatever", True, pb.FINISH_REASON_OTHER),
        ("", False, pb.FINISH_REASON_STOP),
        (None, True, pb.FINISH_REASON_TOOL_CALLS),
    ],
)
def test_finish_reasons_are_mapped_and_the_word_is_kept(
    word: str | None, with_calls: bool, reason: pb.FinishReason.ValueType
) -> None:
    response = completed(body({"tool_calls": [CALL]} if with_calls else {"content": "A"}, word))
    assert response.finish_reason == reason
    assert response.provider_finish_reason == (word or "")


def test_a_very_long_finish_reason_is_cut() -> None:
    assert len(completed(body(finish="x" * 1000)).provider_finish_reason) == 128


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        (
            {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7},
            pb.Usage(input_tokens=3, output_tokens=4),
        ),
        (
            {
                "prompt_tokens": 331,
                "completion_tokens": 11,
                "total_tokens": 613,
                "completion_tokens_details": {"reasoning_tokens": 271},
            },
            pb.Usage(input_tokens=331, output_tokens=282, reasoning_tokens=271),
        ),
        (
            {
                "prompt_tokens": 43,
                "completion_tokens": 10,
                "total_tokens": 53,
                "completion_tokens_details": {"reasoning_tokens": 11},
            },
            pb.Usage(input_tokens=43, output_tokens=10, reasoning_tokens=11),
        ),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 1}},
            pb.Usage(input_tokens=9, cached_input_tokens=8, cache_write_tokens=1),
        ),
        ({"prompt_tokens": 9, "prompt_cache_hit_tokens": 8}, pb.Usage(input_tokens=9, cached_input_tokens=8)),
        (
            {"prompt_tokens": 9, "prompt_tokens_details": None, "cached_tokens": 0},
            pb.Usage(input_tokens=9, cached_input_tokens=0),
        ),
        ({"prompt_tokens": 7, "cached_tokens": 163}, pb.Usage(input_tokens=7, cached_input_tokens=163)),
        ({"prompt_tokens": 7, "completion_tokens": None}, pb.Usage(input_tokens=7)),
        ({"prompt_tokens": -1, "completion_tokens": 2.5}, None),
        ({"prompt_tokens": 2**63, "completion_tokens": True}, None),
        ({}, None),
        ("7", None),
        (None, None),
    ],
)
def test_usage_is_counted_as_the_contract_counts(usage: object, expected: pb.Usage | None) -> None:
    response = completed(body(usage=usage))
    assert (response.usage if response.HasField("usage") else None) == expected


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", pb.FAILURE_KIND_EMPTY),
        (b" \n ", pb.FAILURE_KIND_EMPTY),
        (b'{"choices": []}', pb.FAILURE_KIND_EMPTY),
        (b"<html>", pb.FAILURE_KIND_MALFORMED),
        (b'{"choices": [{"mess', pb.FAILURE_KIND_MALFORMED),
        (b'{"choices": 7}', pb.FAILURE_KIND_MALFORMED),
        (b"{}", pb.FAILURE_KIND_MALFORMED),
        (b"[]", pb.FAILURE_KIND_MALFORMED),
        (b"[{}]", pb.FAILURE_KIND_MALFORMED),
        (b"7", pb.FAILURE_KIND_MALFORMED),
        (b"[" * 5000, pb.FAILURE_KIND_MALFORMED),
        (b'{"detail": "Unauthorized", "status": 401}', pb.FAILURE_KIND_BAD_CREDENTIALS),
        (b'{"error": {"message": "x", "code": 502}}', pb.FAILURE_KIND_OVERLOADED),
        (b'{"choices": [{"message": {"content": "A"}, "error": {"code": 502}}]}', pb.FAILURE_KIND_OVERLOADED),
        (
            b'{"choices": [{"message": {"content": "A"}, "finish_reason": "error"}]}',
            pb.FAILURE_KIND_OVERLOADED,
        ),
        (
            b'{"choices": [{"message": {"content": {"a": ' + b"[" * 500 + b"]" * 500 + b"}}}]}",
            pb.FAILURE_KIND_MALFORMED,
        ),
    ],
)
def test_what_is_no_answer_is_a_failure(data: bytes, kind: pb.FailureKind.ValueType) -> None:
    with pytest.raises(Failure) as caught:
        WIRE.decode(data)
    assert caught.value.kind == kind


def test_a_filtered_answer_without_a_message_is_an_answer() -> None:
    data = orjson.dumps({"choices": [{"index": 0, "finish_reason": "content_filter"}]})
    assert completed(data).finish_reason == pb.FINISH_REASON_CONTENT_FILTER


def test_half_a_character_is_replaced_and_the_rest_kept() -> None:
    body = rb'{"choices":[{"message":{"content":"a\ud83db"},"finish_reason":"stop"}]}'
    assert WIRE.decode(body)[0].text_delta.text == "a\ufffdb"


def test_two_calls_with_the_same_index_and_no_ids_are_two_calls() -> None:
    entry = b'{"index":0,"id":"","function":{"name":"f","arguments":"{}"}}'
    body = b'{"choices":[{"message":{"tool_calls":[%s,%s]},"finish_reason":"tool_calls"}]}' % (entry, entry)
    calls = [event.tool_call_delta for event in WIRE.decode(body) if event.HasField("tool_call_delta")]
    assert [(call.part, call.name, call.arguments_json) for call in calls] == [(0, "f", "{}"), (1, "f", "{}")]
    assert len({call.id for call in calls}) == 2
