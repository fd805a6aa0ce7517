"""How a stream is framed, and when it has ended."""

from collections.abc import Callable

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.providers.gemini.chunks import STOP, USAGE, array, candidate, event, sse, text
from tests.providers.gemini.folding import WIRE, fold, outcome, parts_of, streamed, whole_outcome

A, B = candidate(text("A")), candidate(text("B"))
ERROR = {"error": {"code": 503, "message": "try later", "status": "UNAVAILABLE"}}


def bytewise(body: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in body]


FRAMES: dict[str, bytes] = {
    "events": sse(A, B, STOP),
    "events with plain line ends": sse(A, B, STOP).replace(b"\r\n", b"\n"),
    "events behind a byte order mark and blanks": b"\xef\xbb\xbf\r\n\r\n" + sse(A, B, STOP),
    "events and no blank line at the end": sse(A, B, STOP).rstrip(),
    "events, comments and [DONE]": b": hi\n\n" + sse(A, B, STOP) + b"data: [DONE]\n\n",
    "an array": array(A, B, STOP),
    "an array behind a byte order mark and blanks": b"\xef\xbb\xbf  \n" + array(A, B, STOP),
    "an array without blanks": orjson.dumps([A, B, STOP]),
    "an array with brackets and quotes in its texts": array(A, B, STOP | {"x": '"]}\\" {["', '"': "\\"}),
    "an array that something follows": array(A, B, STOP) + b"]}[{",
    "an array that has not ended": array(A, B, STOP).rstrip(b"]\n"),
    "a whole answer": orjson.dumps(candidate(text("AB"), finish="STOP", usageMetadata=USAGE)),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_it_says_what_it_means_however_it_is_framed_and_cut(frame: str) -> None:
    said = fold(streamed([FRAMES[frame]]))
    assert parts_of(said) == [("text", "AB")]
    assert said.usage == pb.Usage(input_tokens=5, output_tokens=2)
    assert fold(streamed(bytewise(FRAMES[frame]))) == said


NOT_WHOLE = ("events behind", "an array behind", "something follows", "has not ended")


@pytest.mark.parametrize("frame", [frame for frame in FRAMES if not any(words in frame for words in NOT_WHOLE)])
def test_a_stream_that_nobody_asked_for_is_read_all_the_same(frame: str) -> None:
    assert parts_of(fold(WIRE.decode(FRAMES[frame]))) == [("text", "AB")]


def test_text_leaves_an_array_as_it_comes() -> None:
    decoder = WIRE.stream_decoder(pb.ChatRequest())
    body = array(A, B, STOP)
    cut = body.index(b'"B"')
    assert [event.text_delta.text for event in decoder.feed(body[:cut])] == ["A"]
    assert [event.text_delta.text for event in decoder.feed(body[cut:])] == ["B"]
    assert decoder.done


@pytest.mark.parametrize("framed", [sse, array])
def test_a_stream_without_a_finish_reason_was_cut_off(framed: Callable[..., bytes]) -> None:
    with pytest.raises(Failure, match="CUT_OFF: the stream ended without a finish reason, after 2 characters"):
        streamed([framed(A, B)])


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        (b"", "EMPTY"),
        (b"  \r\n", "EMPTY"),
        (b": ping\n\n", "CUT_OFF"),
        (b"<html><title>Gone</title>", "MALFORMED: .*a page titled 'Gone'"),
        (b"data: {\n\n", "MALFORMED: no chunk"),
        (b"[", "MALFORMED"),
        (b"[]", "EMPTY: the stream holds nothing"),
        (b'[{"candidates"', "MALFORMED"),
        (orjson.dumps(ERROR), "OVERLOADED: try later"),
        (orjson.dumps([ERROR]), "OVERLOADED: try later"),
        (event(ERROR), "OVERLOADED: try later"),
        (sse(A, STOP) + orjson.dumps(ERROR, option=orjson.OPT_INDENT_2), "OVERLOADED: try later"),
        (array(A, STOP, ERROR), "OVERLOADED: try later"),
        (b"event: error\ndata: " + orjson.dumps(ERROR) + b"\n\n", "OVERLOADED: try later"),
    ],
)
def test_what_is_no_answer_is_the_failure_that_it_tells(body: bytes, failure: str) -> None:
    with pytest.raises(Failure, match=failure):
        streamed([body])
    assert outcome(bytewise(body)) == outcome([body])


def test_a_chunk_that_nobody_can_read_is_passed_over_unless_the_answer_is_to_be_json() -> None:
    reads = [sse(A), b"data: {\n\n", sse(B, STOP)]
    decoder = WIRE.stream_decoder(pb.ChatRequest())
    for read in reads:
        decoder.feed(read)
    assert decoder.skipped == 1
    with pytest.raises(Failure, match="a chunk of structured output is not readable"):
        streamed(reads, structured=True)


def test_half_a_character_in_each_of_two_chunks_is_one() -> None:
    halves = sse(candidate(text("\U0001f600")))
    halves = halves.replace("\U0001f600".encode(), b"\\ud83d") + halves.replace("\U0001f600".encode(), b"\\ude00")
    assert parts_of(fold(streamed([halves, sse(STOP)]))) == [("text", "\U0001f600")]


def test_text_after_a_finish_reason_still_counts_and_the_last_reason_is_the_reason() -> None:
    said = fold(streamed([sse(candidate(text("A"), finish="STOP"), candidate(text("B"), finish="MAX_TOKENS"))]))
    assert parts_of(said) == [("text", "AB")]
    assert said.finish_reason == pb.FINISH_REASON_LENGTH


def test_silence_is_a_good_end_only_once_nothing_more_can_come() -> None:
    code = candidate({"executableCode": {"code": "1"}}, finish="STOP", usageMetadata=USAGE)
    early = candidate(text("A"), finish="STOP")  # of an old model, which says so with every chunk
    assert [settled(*chunks) for chunks in ((A,), (A, STOP), (A, early), (A, code), (A, STOP, B), (code, B, STOP))] == [
        *(False, True, False, False, False, True)
    ]


def settled(*chunks: object) -> bool:
    decoder = WIRE.stream_decoder(pb.ChatRequest())
    decoder.feed(sse(*chunks))
    return decoder.finished


def test_one_chunk_cannot_be_of_any_size() -> None:
    for body in (b"[{" + b" " * (9 << 20), b"data: " + b" " * (9 << 20)):
        assert "MALFORMED" in str(outcome([body]))


def test_a_whole_answer_without_a_candidate_is_empty() -> None:
    assert whole_outcome(b'{"candidates": []}') == "EMPTY: the answer holds no candidate"
    assert whole_outcome(b'{"usageMetadata": {}}') == "EMPTY: the answer holds no candidate"
    assert str(whole_outcome(b"{}")).startswith("MALFORMED")
    assert str(whole_outcome(b"[]")).startswith("MALFORMED")
