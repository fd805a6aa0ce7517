"""How a stream may end, well or badly."""

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.providers.openai.chunks import DONE, calls, chunk, event, fragment, text
from tests.providers.openai.folding import WIRE, Said, fold, streamed

STOP = chunk(finish="stop")


def said(*reads: bytes) -> Said:
    return fold(streamed(reads))


def failure(*reads: bytes) -> Failure:
    with pytest.raises(Failure) as caught:
        streamed(reads)
    return caught.value


def kinds(events: list[pb.ChatEvent]) -> list[str | None]:
    return [event.WhichOneof("event") for event in events]


def test_the_end_of_the_body_after_a_finish_reason_is_a_good_end() -> None:
    decoder = WIRE.stream_decoder(pb.ChatRequest())
    decoder.feed(text("A"))
    before = decoder.finished
    decoder.feed(text("B", "stop"))
    assert (before, decoder.finished, decoder.done) == (False, True, False)
    assert kinds(decoder.end()) == ["completed"]


def test_done_ends_the_stream_and_what_follows_is_not_heard() -> None:
    decoder = WIRE.stream_decoder(pb.ChatRequest())
    decoder.feed(text("A", "stop") + DONE + text("B"))
    assert decoder.done
    assert decoder.feed(text("C")) == []
    assert kinds(decoder.end()) == ["completed"]


@pytest.mark.parametrize("end", [b"", DONE, b'data: {"choices":[{"del'])
@pytest.mark.parametrize("finish", [None, "", 7])
def test_without_a_finish_reason_the_stream_was_cut_off(end: bytes, finish: object) -> None:
    cut = failure(text("Hello", finish), end)
    assert cut.kind == pb.FAILURE_KIND_CUT_OFF
    assert "5 characters" in cut.detail


def test_done_after_the_usage_is_a_good_end_for_those_who_give_no_finish_reason() -> None:
    usage = event({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2}})
    answer = said(text("A"), usage, DONE)
    assert answer.completed is not None
    assert answer.completed.finish_reason == pb.FINISH_REASON_STOP
    assert failure(text("A"), usage).kind == pb.FAILURE_KIND_CUT_OFF


@pytest.mark.parametrize("word", ["insufficient_system_resource", "network_error", "error"])
def test_some_finish_reasons_say_that_the_provider_broke(word: str) -> None:
    assert failure(text("A", word)).kind == pb.FAILURE_KIND_OVERLOADED


def test_a_chunk_that_cannot_be_read_is_passed_over_and_counted() -> None:
    decoder = WIRE.stream_decoder(pb.ChatRequest())
    events = decoder.feed(text("A") + b"data: {broken\n\ndata: 7\n\ndata:\n\n" + text("B", "stop"))
    assert fold(events + decoder.end()).text == "AB"
    assert decoder.skipped == 2


def test_a_chunk_that_cannot_be_read_inside_a_tool_call_is_malformed() -> None:
    opened = calls([fragment("{", id="a", name="f", index=0)])
    assert failure(opened, b"data: {broken\n\n").kind == pb.FAILURE_KIND_MALFORMED
    assert said(opened, chunk(finish="tool_calls"), b"data: {broken\n\n").calls == [("a", "f", "{")]


def test_a_tool_call_that_the_end_of_the_body_tears_was_cut_off() -> None:
    torn = calls([fragment("{", id="a", name="f", index=0)]) + b'data: {"choices":[{"del'
    assert failure(torn).kind == pb.FAILURE_KIND_CUT_OFF


def test_a_stream_of_which_nothing_can_be_read_is_malformed() -> None:
    assert failure(b"data: {broken\n\n").kind == pb.FAILURE_KIND_MALFORMED


@pytest.mark.parametrize(
    "broken",
    [
        event({"error": {"message": "no luck", "code": 502}}),
        event({"error": "no luck", "code": 502}),
        chunk({"content": ""}, "error", error={"message": "no luck", "code": 502}),
        event({"choices": [{"index": 0, "error": {"message": "no luck", "code": 502}}]}),
        event({"object": "error", "message": "no luck", "code": 502}),
        b'event: error\ndata: {"error":{"message":"no luck","code":502}}\n\n',
        b'error: {"code":502,"message":"no luck","type":"server_error"}\n\n',
        b'error: {"code":502,"message":"no luck","type":"server_error"}',
    ],
)
def test_an_error_inside_the_stream_is_its_failure(broken: bytes) -> None:
    error = failure(text("A"), broken)
    assert error.kind == pb.FAILURE_KIND_OVERLOADED
    assert error.detail == "no luck"


def test_an_error_after_a_finish_reason_of_length_only_says_it_again() -> None:
    error = chunk({}, error={"code": 400, "message": "Token limit reached"})
    answer = said(text("A", "length"), error, DONE)
    assert answer.completed is not None
    assert answer.completed.finish_reason == pb.FINISH_REASON_LENGTH
    assert failure(text("A", "tool_calls"), error).kind == pb.FAILURE_KIND_INVALID_REQUEST


@pytest.mark.parametrize("nothing", [None, "", {}, False, []])
def test_an_empty_error_field_is_no_error(nothing: object) -> None:
    assert said(chunk({"content": "A"}, error=nothing), STOP).text == "A"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", pb.FAILURE_KIND_EMPTY),
        (b"\r\n\r\n  ", pb.FAILURE_KIND_EMPTY),
        (b": PROCESSING\n\n: PROCESSING\n\n", pb.FAILURE_KIND_CUT_OFF),
        (b"<html>\n\n<title>502 Bad Gateway</title></html>", pb.FAILURE_KIND_MALFORMED),
        (b"upstream connect error", pb.FAILURE_KIND_MALFORMED),
        (b'{"hello": "you"}', pb.FAILURE_KIND_MALFORMED),
        (b'{"error": {"message": "slow down", "code": 429}}', pb.FAILURE_KIND_RATE_LIMITED),
        (b': PROCESSING\n\n{"error":\n {"message": "slow down", "code": 429}}', pb.FAILURE_KIND_RATE_LIMITED),
        (b'[{"error": {"message": "slow down", "code": 429}}]', pb.FAILURE_KIND_RATE_LIMITED),
    ],
)
def test_a_body_that_is_no_stream_is_taken_for_what_it_is(body: bytes, kind: pb.FailureKind.ValueType) -> None:
    assert failure(body).kind == kind
    assert failure(*[bytes([byte]) for byte in body]).kind == kind


def test_a_whole_answer_to_a_stream_request_is_decoded_as_one() -> None:
    body = b'\n\n{"choices": [{"message":\n\n {"content": "A"}, "finish_reason": "stop"}]}'
    assert said(body).text == "A"


def test_a_whole_answer_as_the_only_event_is_decoded_too() -> None:
    answer = {"choices": [{"index": 0, "message": {"content": "A"}, "finish_reason": "stop"}]}
    assert said(event(answer), DONE).text == "A"


def test_what_is_no_stream_is_not_kept_without_bound() -> None:
    line = b"x" * 1_000_000 + b"\n\n"
    assert failure(*[line] * 10).detail.startswith("no event in the first")
