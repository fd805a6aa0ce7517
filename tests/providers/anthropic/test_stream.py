"""What a streamed answer says: its blocks, its end, its faults."""

from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.bounds import MOST_CALLS
from tests.providers.anthropic.events import (
    PING,
    STOP,
    begin,
    delta,
    ended,
    event,
    start,
    stop,
    text,
    thinking,
    tool,
)
from tests.providers.anthropic.folding import UNSIGNED, WIRE, Said, fold, streamed


def said(*reads: bytes) -> Said:
    return fold(streamed(reads))


def failed(*reads: bytes) -> Failure:
    with pytest.raises(Failure) as caught:
        streamed(reads)
    return caught.value


def test_text_that_arrived_together_leaves_together() -> None:
    decoder = WIRE.stream_decoder(pb.ChatRequest())
    assert decoder.feed(start(input_tokens=1) + text("Hel", "lo")) == [
        pb.ChatEvent(text_delta=pb.TextDelta(part=0, text="Hello"))
    ]
    assert decoder.feed(PING) == []
    assert not decoder.finished
    assert decoder.feed(ended()) == []
    assert (decoder.finished, decoder.done) == (True, True)


def test_every_block_is_a_part_in_order() -> None:
    answer = said(
        start(),
        thinking("Hm.", signature="Eq="),
        PING,
        text("Let me ", "see.", index=1),
        tool('{"a"', ":1}", index=2),
        tool("", index=3, id="t2"),
        ended("tool_use"),
    )
    assert answer.kinds == ["reasoning", "text", "tool_call", "tool_call"]
    assert (answer.reasoning, answer.text) == ("Hm.", "Let me see.")
    assert answer.calls == [("t1", "f", '{"a":1}'), ("t2", "f", "{}")]
    assert answer.states == {0: {"signature": "Eq="}}
    assert answer.completed.finish_reason == pb.FINISH_REASON_TOOL_CALLS


def test_thoughts_may_come_between_texts_each_with_its_own_signature() -> None:
    answer = said(
        thinking("a", signature="1"), text("b", index=1), thinking("c", index=2, signature="2"), text("d"), ended()
    )
    assert answer.kinds == ["reasoning", "text", "reasoning", "text"]
    assert answer.states == {0: {"signature": "1"}, 2: {"signature": "2"}}


def test_thoughts_that_are_withheld_are_a_part_all_the_same() -> None:
    redacted = begin({"type": "redacted_thinking", "data": "xyz"}) + stop()
    answer = said(redacted, thinking(index=1, signature="Eq="), text("Hi", index=2), ended())
    assert [part.reasoning.redacted for part in answer.message.parts] == [True, True, False]
    assert answer.states == {0: {"data": "xyz"}, 1: {"signature": "Eq="}}


def test_thoughts_without_a_signature_have_state_only_where_nobody_signs() -> None:
    body = thinking("Hm.") + text("Hi", index=1) + ended()
    assert fold(streamed([body])).states == {}
    assert fold(streamed([body], UNSIGNED)).states == {0: {}}


def test_a_gap_in_thoughts_spoils_their_signature() -> None:
    begun = begin({"type": "thinking", "thinking": ""}) + delta("thinking_delta", thinking="Hm.")
    answer = said(begun, b"data: {\n\n", delta("signature_delta", signature="Eq="), stop(), text("Hi"), ended())
    assert (answer.reasoning, answer.states) == ("Hm.", {})


def test_citations_go_with_their_text() -> None:
    answer = said(
        begin({"type": "text", "text": "", "citations": []}),
        delta("citations_delta", citation={"url": "x"}),
        delta("text_delta", text="It rains."),
        stop(),
        text(" It does.", index=1),
        ended(),
    )
    assert answer.text == "It rains. It does."
    assert answer.states == {0: {"citations": [{"url": "x"}]}}


@pytest.mark.parametrize(
    ("body", "block"),
    [
        (
            begin({"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {}})
            + delta("input_json_delta", partial_json="")
            + delta("input_json_delta", partial_json='{"query":')
            + delta("input_json_delta", partial_json='"x"}'),
            {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "x"}},
        ),
        (
            begin({"type": "web_search_tool_result", "content": [{"url": "x"}]}),
            {"type": "web_search_tool_result", "content": [{"url": "x"}]},
        ),
        (
            begin({"type": "compaction", "content": None, "encrypted_content": None})
            + delta("compaction_delta", content="So ", encrypted_content="abc")
            + delta("compaction_delta", content="far."),
            {"type": "compaction", "content": "So far.", "encrypted_content": "abc"},
        ),
        (
            begin({"type": "new", "n": 1}) + delta("new_delta", n=2) + delta("citations_delta", citation={"a": 1}),
            {"type": "new", "n": 2, "citations": [{"a": 1}]},
        ),
    ],
)
def test_blocks_of_other_kinds_are_put_together_and_handed_on(body: bytes, block: dict[str, Any]) -> None:
    answer = said(start(), body, stop(), text("Hi", index=1), ended())
    assert answer.blocks == [block]
    assert answer.kinds == ["provider_block", "text"]


def test_a_block_that_the_limit_cut_off_is_no_block() -> None:
    body = begin({"type": "server_tool_use"}) + delta("input_json_delta", partial_json='{"q')
    answer = said(text("Hi"), body, ended("max_tokens"))
    assert (answer.text, answer.blocks) == ("Hi", [])
    assert answer.completed.finish_reason == pb.FINISH_REASON_LENGTH


def test_arguments_may_come_with_the_call_and_a_call_without_an_id_gets_one() -> None:
    answer = said(tool(input={"a": 1}), tool(index=1, id=""), ended("tool_use"))
    assert answer.calls == [("t1", "f", '{"a":1}'), ("call_2", "f", "{}")]


def test_who_called_goes_back_if_it_was_not_the_model_itself() -> None:
    by_code = {"type": "code_execution", "tool_id": "s1"}
    answer = said(tool(caller={"type": "direct"}), tool(index=1, id="t2", caller=by_code), ended("tool_use"))
    assert answer.states == {1: {"caller": by_code}}


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("end_turn", pb.FINISH_REASON_STOP),
        ("stop_sequence", pb.FINISH_REASON_STOP),
        ("max_tokens", pb.FINISH_REASON_LENGTH),
        ("model_context_window_exceeded", pb.FINISH_REASON_LENGTH),
        ("refusal", pb.FINISH_REASON_REFUSAL),
        ("pause_turn", pb.FINISH_REASON_PAUSE),
        ("compaction", pb.FINISH_REASON_OTHER),
    ],
)
def test_why_it_stopped(word: str, reason: pb.FinishReason.ValueType) -> None:
    completed = said(text("Hi"), ended(word)).completed
    assert (completed.finish_reason, completed.provider_finish_reason) == (reason, word)


def test_the_question_includes_what_the_cache_held_and_of_each_count_the_last_one_holds() -> None:
    counted = said(
        start(input_tokens=10, cache_read_input_tokens=5, cache_creation_input_tokens=3, output_tokens=1),
        text("Hi"),
        ended(output_tokens=7, cache_read_input_tokens=None, output_tokens_details={"thinking_tokens": 4}),
    ).completed.usage
    assert counted == pb.Usage(
        input_tokens=18, output_tokens=7, cached_input_tokens=5, cache_write_tokens=3, reasoning_tokens=4
    )
    grown = said(start(input_tokens=10, output_tokens=1), text("Hi"), ended(input_tokens=90)).completed.usage
    assert grown == pb.Usage(input_tokens=90, output_tokens=1)
    assert not said(text("Hi"), ended()).completed.HasField("usage")


def test_a_message_stop_after_counted_tokens_is_an_end_without_a_reason() -> None:
    completed = said(start(input_tokens=1), text("Hi"), ended(None, output_tokens=1)).completed
    assert (completed.finish_reason, completed.provider_finish_reason) == (pb.FINISH_REASON_STOP, "")


def test_the_end_of_the_body_is_a_good_end_after_a_reason_only() -> None:
    assert said(text("Hi"), ended().removesuffix(STOP)).text == "Hi"
    failure = failed(start(input_tokens=1), text("Hi"))
    assert (failure.reason, failure.detail[-18:]) == ("CUT_OFF", "after 2 characters")


def test_what_follows_the_end_is_not_read() -> None:
    assert said(text("Hi"), ended(), b"event: data\ndata: [DONE]\n\n").text == "Hi"
    assert said(text("Hi") + ended() + text("more")).text == "Hi"


def test_a_block_that_is_never_stopped_ends_with_the_answer() -> None:
    begun = begin({"type": "tool_use", "id": "t1", "name": "f", "input": {}})
    assert said(begun, ended("tool_use")).calls == [("t1", "f", "{}")]


def test_a_lost_start_is_made_up_for_where_the_deltas_tell() -> None:
    body = delta("thinking_delta", 0, thinking="Hm.") + delta("text_delta", 1, text="Hi")
    answer = said(body, ended())
    assert (answer.reasoning, answer.text) == ("Hm.", "Hi")
    assert said(tool(), delta("text_delta", 0, text="Hi"), ended()).text == "Hi"
    torn = begin({"type": "tool_use", "id": "t1", "name": "f"}) + delta("text_delta", text="Hi")
    assert said(torn, ended("tool_use")).kinds == ["tool_call", "text"]
    assert failed(delta("input_json_delta", partial_json="{}")).reason == "MALFORMED"


def test_an_index_used_again_is_a_new_block_and_none_at_all_is_the_only_one() -> None:
    assert said(begin({"type": "text", "text": "a"}), text("b"), ended()).kinds == ["text", "text"]
    unnumbered = text("Hi").replace(b',"index":0', b"").replace(b'"index":0,', b"")
    assert b"index" not in unnumbered
    assert said(unnumbered, ended()).text == "Hi"


def test_unknown_events_and_deltas_are_passed_over() -> None:
    body = begin({"type": "text", "text": ""}) + delta("new_delta", x=1) + delta("text_delta", text="Hi") + stop()
    assert said(event({"type": "new"}), body, ended()).text == "Hi"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"type": "overloaded_error", "message": "Overloaded"}, "OVERLOADED"),
        ({"type": "api_error", "message": "Internal server error"}, "OVERLOADED"),
        ({"type": "timeout_error", "message": "Timed out"}, "OVERLOADED"),
        ({"type": "rate_limit_error", "message": "slow down"}, "RATE_LIMITED"),
        ({"type": "request_too_large", "message": "too large"}, "CONTEXT_TOO_LONG"),
        (
            {"type": "invalid_request_error", "message": "Output blocked by content filtering policy"},
            "CONTENT_FILTERED",
        ),
        ({"type": "new_error", "message": "?"}, "UNKNOWN"),
    ],
)
@pytest.mark.parametrize("name", [b"event: error\n", b""])
def test_an_error_inside_a_stream_is_that_error(name: bytes, error: dict[str, str], kind: str) -> None:
    said = event({"type": "error", "error": error, "request_id": "req_1"}).partition(b"\n")[2]
    failure = failed(start(), begin({"type": "text", "text": "Hi"}), name + said)
    assert (failure.reason, failure.provider_request_id) == (kind, "req_1")


def test_a_lost_chunk_is_skipped_in_a_text_and_fatal_where_nothing_may_be_missing() -> None:
    decoder = WIRE.stream_decoder(pb.ChatRequest())
    decoder.feed(begin({"type": "text", "text": "Hi"}) + b"data: {\n\n")
    assert decoder.skipped == 1
    for block in ({"type": "tool_use", "id": "t1", "name": "f"}, {"type": "server_tool_use"}):
        assert failed(begin(block), b"data: {\n\n").reason == "MALFORMED"
    structured = pb.ChatRequest(response_format=pb.ResponseFormat(json_object=pb.JsonObjectFormat()))
    with pytest.raises(Failure, match="structured"):
        WIRE.stream_decoder(structured).feed(b"data: {\n\n")


def test_a_call_without_a_name_and_too_many_calls_are_no_answer() -> None:
    assert failed(tool(name="")).reason == "MALFORMED"
    assert "more than 1024 tool calls" in failed(*[tool(index=n) for n in range(MOST_CALLS + 1)]).detail


def test_half_a_character_is_mended() -> None:
    first = delta("text_delta", text="A").replace(b'"A"', b'"\\ud83d"')
    second = delta("text_delta", text="A").replace(b'"A"', b'"\\ude00"')
    assert said(begin({"type": "text", "text": ""}), first, second, stop(), ended()).text == "\U0001f600"
