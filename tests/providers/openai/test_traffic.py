"""What real traffic does that a naive parser gets wrong: the shapes that recordings/README.md lists, by their names.

Those with a file of their own are not repeated here: framing (test_sse), ends and errors (test_stream_ends,
test_errors, test_error_details), tool calls (test_calls), opaque thoughts (test_opaque), tags (test_think).
"""

from typing import Any

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.providers.openai.chunks import DONE, calls, chunk, event, fragment, text
from tests.providers.openai.folding import WIRE, Said, fold, streamed

STOP = chunk(finish="stop")
CALL = fragment("{}", id="a", name="f", index=0)
USAGE = {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}


def choice(*choices: object, **fields: object) -> bytes:
    return event({"choices": list(choices), **fields})


def said(*reads: bytes) -> Said:
    return fold(streamed(reads))


SHAPES: dict[str, list[bytes]] = {
    "the first chunk has no choices and an empty id, model and object": [
        event({"id": "", "model": "", "object": "", "choices": [], "prompt_filter_results": [{}]}),
        text("AB"),
        STOP,
    ],
    "a choice without a delta": [choice({"index": 0, "content_filter_results": {}}), text("AB"), STOP],
    "no role in the first chunk": [chunk({"content": "A"}), chunk({"content": "B", "role": "assistant"}), STOP],
    "a role in every chunk": [chunk({"role": "assistant", "content": said}) for said in "AB"] + [STOP],
    "a role of null": [chunk({"role": None, "content": "AB"}), STOP],
    "a content of null": [chunk({"content": None}), text("AB"), chunk({"content": None}, "stop")],
    "no content at all": [chunk({"role": "assistant"}), text("AB"), STOP],
    "a finish reason twice": [text("AB", "stop"), chunk({"content": ""}, "stop", usage=USAGE), DONE],
    'a finish reason of "" before the end': [text("A", ""), text("B"), STOP],
    "the id changes": [event({"id": str(n), "choices": [{"delta": {"content": said}}]}) for n, said in enumerate("AB")]
    + [STOP],
    "a cumulative message beside each delta": [
        choice({"delta": {"content": "A"}, "message": {"content": "A"}}),
        choice({"delta": {"content": "B"}, "message": {"content": "AB"}}),
        choice({"delta": {"content": ""}, "message": {"content": "AB"}, "finish_reason": "stop"}),
    ],
    "several choices": [
        choice({"index": 1, "delta": {"content": "X"}}, {"index": 0, "delta": {"content": "A"}}),
        choice({"index": 0, "delta": {"content": "B"}, "finish_reason": "stop"}),
        choice({"index": 1, "delta": {"content": "Y"}, "finish_reason": "length"}),
    ],
    "padding": [chunk({"content": "AB"}, obfuscation="xyz", p="abc"), STOP],
    "tool calls of [] and null": [
        chunk({"content": "A", "tool_calls": []}),
        chunk({"content": "B", "tool_calls": None}),
        STOP,
    ],
    "text after the finish reason": [text("A", "stop"), text("B"), DONE],
    "no [DONE]": [text("AB"), STOP],
    "no blank line at the end": [text("AB"), STOP.rstrip()],
    "comments before, between and after": [b": PROCESSING\n\n" * 2, text("A"), b": PROCESSING\n\n", text("B"), STOP],
    "CRLF": [(text("A") + text("B") + STOP + DONE).replace(b"\n", b"\r\n")],
    "blanks behind the JSON": [(text("AB") + STOP).replace(b"\n\n", b"    \n\n")],
    "a list of parts": [chunk({"content": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]}), STOP],
    "unknown fields and chunks": [event({"nonce": 1}), event([]), chunk({"content": "AB", "audio": {}}, odd=[1]), STOP],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_it_says_what_it_means_whatever_its_shape(shape: str) -> None:
    answer = said(*SHAPES[shape])
    assert (answer.text, answer.reasoning, answer.calls) == ("AB", "", [])
    assert answer.completed is not None
    assert answer.completed.provider_finish_reason == "stop"
    assert said(*(bytes([byte]) for byte in b"".join(SHAPES[shape]))) == answer


@pytest.mark.parametrize("word", ["stop", "tool_call", "eos", "end_turn", "function_call", "tool_use", ""])
def test_an_answer_with_tool_calls_waits_for_them_whatever_the_finish_reason(word: str) -> None:
    answer = said(calls([CALL]), chunk(finish=word), event({"choices": [], "usage": USAGE}), DONE)
    assert answer.completed is not None
    assert answer.completed.finish_reason == pb.FINISH_REASON_TOOL_CALLS


def test_arguments_that_the_limit_cut_off_pass_as_they_are() -> None:
    for word in ("length", "tool_calls"):
        assert said(calls([fragment('{"a": ', id="a", name="f")], word)).calls == [("a", "f", '{"a": ')]


@pytest.mark.parametrize("id", ["functions.weather:0", "a1B2c3D4e", "call_00_x", "toolu_vrtx_1", "call_-7807"])
def test_an_id_is_free_text(id: str) -> None:
    assert said(calls([fragment("{}", id=id, name="f")], "tool_calls")).calls == [(id, "f", "{}")]


USAGES: dict[str, list[bytes]] = {
    "in a chunk of its own": [text("A"), STOP, event({"choices": [], "usage": USAGE}), DONE],
    "on the last chunk with choices": [text("A"), chunk(finish="stop", usage=USAGE)],
    "in every chunk and growing": [
        chunk({"content": "A"}, usage={"prompt_tokens": 3, "completion_tokens": None, "total_tokens": None}),
        chunk({}, usage={"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}),
        chunk(finish="stop", usage=USAGE),
    ],
    "null until the end": [chunk({"content": "A"}, usage=None), chunk(finish="stop", usage=USAGE), DONE],
    "in x_groq": [text("A"), chunk(finish="stop", x_groq={"id": "r", "usage": USAGE})],
    "in the choice and again at the top": [
        text("A"),
        choice({"delta": {}, "finish_reason": "stop", "usage": {"prompt_tokens": 1}}, usage=USAGE),
    ],
    "in the choice only": [text("A"), choice({"delta": {}, "finish_reason": "stop", "usage": USAGE})],
    "with details of null": [text("A"), chunk(finish="stop", usage=USAGE | {"prompt_tokens_details": None})],
    "with a cost and a total that does not add up": [
        text("A"),
        chunk(finish="stop", usage=USAGE | {"total_tokens": 99, "cost": 0.1, "is_byok": False}),
    ],
}


@pytest.mark.parametrize("place", USAGES)
def test_usage_is_found_wherever_it_is(place: str) -> None:
    completed = said(*USAGES[place]).completed
    assert completed is not None
    assert completed.usage == pb.Usage(input_tokens=3, output_tokens=4)


def test_usage_that_is_nowhere_is_unknown() -> None:
    completed = said(text("A"), STOP, DONE).completed
    assert completed is not None
    assert not completed.HasField("usage")


def test_a_whole_answer_may_lack_its_content_and_begin_with_blanks() -> None:
    message = {"role": "assistant", "tool_calls": [CALL | {"type": None}]}
    body: Any = {"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}
    assert fold(WIRE.decode(b"\n         \n" * 3 + orjson.dumps(body))).calls == [("a", "f", "{}")]


def test_a_stream_that_nobody_asked_for_is_read_as_one() -> None:
    body = b": PROCESSING\n\n" + text("A") + text("B", "stop") + event({"choices": [], "usage": USAGE}) + DONE
    answer = fold(WIRE.decode(body))
    assert (answer.text, answer.completed and answer.completed.usage.input_tokens) == ("AB", 3)
    with pytest.raises(Failure, match="without a finish reason"):
        WIRE.decode(text("A"))
