"""What a stream says."""

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.providers.openai.chunks import DONE, calls, chunk, event, fragment, text
from tests.providers.openai.folding import WIRE, Said, fold, streamed

JSON = pb.ResponseFormat(json_object=pb.JsonObjectFormat())
STOP = chunk(finish="stop")


def said(*reads: bytes) -> Said:
    return fold(streamed(reads))


def failure(*reads: bytes) -> Failure:
    with pytest.raises(Failure) as caught:
        streamed(reads)
    return caught.value


def kinds(events: list[pb.ChatEvent]) -> list[str | None]:
    return [event.WhichOneof("event") for event in events]


def test_text_that_arrives_together_leaves_as_one_delta() -> None:
    decoder = WIRE.stream_decoder(pb.ChatRequest())
    assert decoder.feed(text("He") + text("llo")) == [pb.ChatEvent(text_delta=pb.TextDelta(text="Hello"))]
    assert decoder.feed(text(" you")) == [pb.ChatEvent(text_delta=pb.TextDelta(text=" you"))]


def test_thoughts_text_and_calls_of_one_read_leave_in_the_order_in_which_they_came() -> None:
    call = fragment("{}", id="a", name="f", index=0)
    read = chunk({"reasoning_content": "hm", "content": "A"}) + calls([call]) + text("B")
    events = WIRE.stream_decoder(pb.ChatRequest()).feed(read)
    assert kinds(events) == ["reasoning_delta", "text_delta", "tool_call_delta"]
    assert [events[0].reasoning_delta.part, events[1].text_delta.part, events[2].tool_call_delta.part] == [
        0,
        1,
        2,
    ]
    assert events[1].text_delta.text == "AB"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "reasoning_text"])
def test_thoughts_are_taken_from_any_of_their_fields(field: str) -> None:
    assert said(chunk({field: "hm"}), STOP).reasoning == "hm"


def test_thoughts_that_are_said_in_several_fields_are_taken_once() -> None:
    details = [{"type": "reasoning.text", "text": "hm"}]
    delta = {"reasoning_content": "hm", "reasoning": "hm", "reasoning_details": details}
    assert said(chunk(delta), STOP).reasoning == "hm"
    assert said(chunk({"reasoning_details": details}), STOP).reasoning == "hm"


def test_a_content_of_parts_is_told_apart_and_an_object_is_its_json() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}
    parts = said(chunk({"content": [thinking, {"type": "text", "text": "A"}, "B", 7, None]}), STOP)
    assert (parts.reasoning, parts.text) == ("hm", "AB")
    assert said(chunk({"content": {"a": 1}}), STOP).text == '{"a":1}'


def test_a_refusal_is_text_with_its_own_finish_reason() -> None:
    refused = said(chunk({"refusal": "I can't"}), STOP)
    assert refused.text == "I can't"
    assert refused.completed is not None
    assert refused.completed.finish_reason == pb.FINISH_REASON_REFUSAL
    assert refused.completed.provider_finish_reason == "stop"


def test_only_the_first_choice_is_heard() -> None:
    other = {"index": 1, "delta": {"content": "no"}, "finish_reason": "length"}
    first = {"index": 0, "delta": {"content": "yes"}, "finish_reason": "stop"}
    answer = said(event({"choices": [other, first]}), DONE)
    assert answer.text == "yes"
    assert answer.completed is not None
    assert answer.completed.provider_finish_reason == "stop"


def test_a_choice_without_an_index_or_a_delta_is_borne() -> None:
    bare: dict[str, object] = {"finish_reason": None, "content_filter_results": {}}
    assert (
        said(event({"choices": [bare, None, 3]}), event({"choices": [{"delta": {"content": "A"}}]}), STOP).text == "A"
    )


def test_the_delta_counts_and_not_the_message_that_repeats_it() -> None:
    def both(delta: str, message: str) -> bytes:
        return event({"choices": [{"delta": {"content": delta}, "message": {"content": message}}]})

    assert said(both("1", "1"), both(" 2", "1 2"), both("", "1 2"), STOP).text == "1 2"


def test_text_fragments_and_usage_may_follow_a_finish_reason() -> None:
    usage = event({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}})
    call = fragment("{}", id="b", name="g", index=1)
    answer = said(calls([fragment("{}", id="a", name="f", index=0)], "tool_calls"), calls([call]), text("A"), usage)
    assert [name for _, name, _ in answer.calls] == ["f", "g"]
    assert answer.text == "A"
    assert answer.completed is not None
    assert answer.completed.usage.output_tokens == 2


def test_the_first_finish_reason_wins() -> None:
    answer = said(text("A", "length"), STOP)
    assert answer.completed is not None
    assert answer.completed.provider_finish_reason == "length"


@pytest.mark.parametrize("last", [7, None])
def test_the_last_usage_wins_that_says_something(last: int | None) -> None:
    growing = [chunk({"content": "A"}, usage={"prompt_tokens": 1, "completion_tokens": n}) for n in (1, 2, 3)]
    answer = said(*growing, chunk(finish="stop", usage={"completion_tokens": last}), chunk(usage=None))
    assert answer.completed is not None
    assert answer.completed.usage.output_tokens == (last or 3)


def test_usage_is_found_where_groq_and_moonshot_put_it() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 2}
    in_choice = event({"choices": [{"delta": {}, "finish_reason": "stop", "usage": usage}]})
    for last in (chunk(finish="stop", x_groq={"id": "r", "usage": usage}), in_choice):
        answer = said(text("A"), last)
        assert answer.completed is not None
        assert answer.completed.usage == pb.Usage(input_tokens=1, output_tokens=2)


def test_a_character_cut_between_two_chunks_comes_out_whole() -> None:
    halves = [b'data: {"choices":[{"delta":{"content":"%s"}}]}\n\n' % half for half in (rb"a\ud83d", rb"\ude00b")]
    told = said(*halves, STOP + DONE)
    assert told.text == "a\U0001f600b"


def test_a_chunk_of_structured_output_that_cannot_be_read_is_a_failure() -> None:
    decoder = WIRE.stream_decoder(pb.ChatRequest(response_format=JSON))
    with pytest.raises(Failure) as caught:
        decoder.feed(text('{"a":') + b"data: {oops\n\n" + text(" 1}"))
    assert caught.value.kind == pb.FAILURE_KIND_MALFORMED
