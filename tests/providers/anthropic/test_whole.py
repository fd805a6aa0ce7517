"""What an answer says that came in one piece, or that is none."""

from typing import Any

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.providers.anthropic.events import ended, start, text
from tests.providers.anthropic.folding import WIRE, Said, fold, streamed

MESSAGE: dict[str, Any] = {"type": "message", "role": "assistant", "stop_reason": "end_turn"}


def said(*blocks: dict[str, Any], **fields: Any) -> Said:
    return fold(WIRE.decode(orjson.dumps({**MESSAGE, "content": blocks, **fields})))


def failed(body: Any) -> Failure:
    with pytest.raises(Failure) as caught:
        WIRE.decode(body if isinstance(body, bytes) else orjson.dumps(body))
    return caught.value


def test_it_says_what_its_blocks_say() -> None:
    answer = said(
        {"type": "thinking", "thinking": "Hm.", "signature": "Eq="},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "server_tool_use", "id": "s1", "input": {"q": 1}},
        {"type": "text", "text": "Hi", "citations": [{"url": "x"}]},
        {"type": "text", "text": ""},
        {"type": "tool_use", "id": "t1", "name": "f", "input": {"a": [1]}},
        {"type": "tool_use", "id": "t2", "name": "g", "input": {}},
        stop_reason="tool_use",
        usage={"input_tokens": 5, "cache_read_input_tokens": 2, "output_tokens": 3},
    )
    assert answer.kinds == ["reasoning", "reasoning", "provider_block", "text", "tool_call", "tool_call"]
    assert answer.states == {0: {"signature": "Eq="}, 1: {"data": "xyz"}, 3: {"citations": [{"url": "x"}]}}
    assert answer.blocks == [{"type": "server_tool_use", "id": "s1", "input": {"q": 1}}]
    assert answer.calls == [("t1", "f", '{"a":[1]}'), ("t2", "g", "{}")]
    assert answer.completed.finish_reason == pb.FINISH_REASON_TOOL_CALLS
    assert answer.completed.usage == pb.Usage(input_tokens=7, output_tokens=3, cached_input_tokens=2)


def test_nothing_may_be_said() -> None:
    answer = said(stop_reason="refusal")
    assert (answer.kinds, answer.completed.finish_reason) == ([], pb.FINISH_REASON_REFUSAL)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "EMPTY"),
        (b"<html>", "MALFORMED"),
        (b"[]", "MALFORMED"),
        ({"id": "msg_1"}, "MALFORMED"),
        ({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}, "OVERLOADED"),
        ({**MESSAGE, "content": [], "error": {"type": "rate_limit_error", "message": "x"}}, "RATE_LIMITED"),
        ({"base_resp": {"status_code": 1002, "status_msg": "rate limit"}}, "MALFORMED"),
        ({**MESSAGE, "content": [{"type": "tool_use", "id": "t1"}]}, "MALFORMED"),
    ],
)
def test_what_is_no_answer_is_a_failure(body: Any, kind: str) -> None:
    failure = failed(body)
    assert failure.reason == kind
    assert failure.detail


def test_a_base_response_of_0_is_no_error() -> None:
    assert said({"type": "text", "text": "Hi"}, base_resp={"status_code": 0, "status_msg": ""}).text == "Hi"


def test_a_stream_that_nobody_asked_for_is_read_as_one_and_a_whole_answer_too() -> None:
    body = start(input_tokens=1) + text("Hi") + ended()
    assert fold(WIRE.decode(body)).text == "Hi"
    whole = orjson.dumps({**MESSAGE, "content": [{"type": "text", "text": "Hi"}]})
    assert fold(streamed([whole[:20], whole[20:]])).text == "Hi"
    assert fold(streamed([b"data: " + whole + b"\n\n"])).text == "Hi"
