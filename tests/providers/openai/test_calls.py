"""Fragments of tool calls, labelled as carelessly as vendors do."""

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.bounds import MOST_CALLS
from tests.providers.openai.chunks import calls, chunk, fragment
from tests.providers.openai.folding import WIRE, fold, streamed

Calls = list[tuple[str, str, str]]
END = chunk(finish="tool_calls")


def called(*fragments: object) -> Calls:
    """The calls, which must be the same in a chunk each, in a read each, and all in one chunk."""
    chunks = [calls([each]) for each in fragments]
    one_by_one = fold(streamed([*chunks, END])).calls
    assert fold(streamed([b"".join(chunks) + END])).calls == one_by_one
    assert fold(streamed([calls(fragments) + END])).calls == one_by_one
    return one_by_one


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        pytest.param(
            [fragment("", id="a", name="f", index=0), fragment("{", index=0), fragment("}", index=0)],
            [("a", "f", "{}")],
            id="as documented",
        ),
        pytest.param(
            [
                fragment("1", id="a", name="f", index=0),
                fragment("2", id="b", name="g", index=1),
                fragment("1", index=0),
                fragment("2", index=1),
            ],
            [("a", "f", "11"), ("b", "g", "22")],
            id="interleaved by index",
        ),
        pytest.param(
            [fragment("{}", id="a", name="f"), fragment("{}", id="b", name="f")],
            [("a", "f", "{}"), ("b", "f", "{}")],
            id="no index, whole calls",
        ),
        pytest.param(
            [fragment("{", id="a", name="f"), fragment("}"), fragment("[", id="b", name="g"), fragment("]")],
            [("a", "f", "{}"), ("b", "g", "[]")],
            id="no index, the latest call goes on",
        ),
        pytest.param(
            [fragment("{", id="a", name="f", index=-1), fragment("}", id="b", name="g", index=-1)],
            [("a", "f", "{"), ("b", "g", "}")],
            id="index -1 is none",
        ),
        pytest.param(
            [fragment("{}", name="f", index=-1), fragment("{}", name="f", index=-1)],
            [("call_1_c", "f", "{}"), ("call_2_c", "f", "{}")],
            id="index -1 joins nothing",
        ),
        pytest.param(
            [fragment("{}", id="a", name="f", index=0), fragment("{}", id="b", name="f", index=0)],
            [("a", "f", "{}"), ("b", "f", "{}")],
            id="index reused with a new id",
        ),
        pytest.param(
            [
                fragment("{}", name="f", index=0),
                fragment("{}", id="", name="g", index=0),
                fragment("!", index=0),
            ],
            [("call_1_c", "f", "{}"), ("call_2_c", "g", "{}!")],
            id="index reused with a new name",
        ),
        pytest.param(
            [fragment("{", id="a", name="f", index=0), fragment("}", id="a", name="f", index=0)],
            [("a", "f", "{}")],
            id="id and name repeated",
        ),
        pytest.param(
            [
                fragment("{", id="a", name="f", index=0, type="function"),
                fragment("1", id="", name="", index=0),
                fragment("}", id=None, name=None, index=0, type=None),
                fragment(None, id=None, name=None, index=0),
            ],
            [("a", "f", "{1}")],
            id="id and name empty or null later",
        ),
        pytest.param(
            [fragment("{}", name="f"), fragment("{}", id="", name="f")],
            [("call_1_c", "f", "{}"), ("call_2_c", "f", "{}")],
            id="no ids at all",
        ),
        pytest.param(
            [fragment("", id="call_2_c", name="f", index=0), fragment("", name="g", index=1)],
            [("call_2_c", "f", ""), ("call_3_c", "g", "")],
            id="a made-up id avoids the given ones",
        ),
        pytest.param(
            [fragment("{", id="a", index=0), fragment("1", index=0), fragment("}", name="f", index=0)],
            [("a", "f", "{1}")],
            id="the name comes late",
        ),
        pytest.param(
            [fragment("{", id="a", name="f"), fragment("}", index=0)],
            [("a", "f", "{}")],
            id="the index comes late",
        ),
        pytest.param(
            [fragment("", id="a", name="f", index=5), fragment("{}", index=5)],
            [("a", "f", "{}")],
            id="indexes with a gap",
        ),
        pytest.param(
            [
                fragment('{"a"', id="a", name="f", index=0),
                fragment(":1", id="b", index=0),
                fragment("}", id="c", index=0),
            ],
            [("a", "f", '{"a":1}')],
            id="a new id in every fragment",
        ),
        pytest.param([fragment("null", id="a", name="f", index=0)], [("a", "f", "null")], id="the text null stays"),
        pytest.param([fragment(None, id="a", name="f", index=0)], [("a", "f", "")], id="no arguments at all"),
        pytest.param(
            [fragment({"a": [1]}, id="a", name="f", index=0)],
            [("a", "f", '{"a":[1]}')],
            id="arguments that are JSON already",
        ),
        pytest.param(
            [{"id": "a", "type": "custom", "custom": {"name": "f", "input": "4 + 4"}}],
            [("a", "f", "4 + 4")],
            id="a custom tool",
        ),
        pytest.param([{}, None, "x", {"function": None}, fragment("", name="")], [], id="empty fragments"),
    ],
)
def test_fragments_come_together(fragments: list[object], expected: Calls) -> None:
    assert called(*fragments) == expected


def test_the_old_function_call_is_a_tool_call_and_an_empty_one_is_none() -> None:
    def old(**function: str) -> bytes:
        return chunk({"function_call": function})

    assert fold(streamed([old(name="f", arguments="{"), old(arguments="}"), END])).calls == [("call_1_c", "f", "{}")]
    assert fold(streamed([old(name="", arguments=""), END])).calls == []


def test_id_and_name_leave_with_the_first_delta_only_and_wait_for_the_name() -> None:
    decoder = WIRE.stream_decoder(pb.ChatRequest())
    assert decoder.feed(calls([fragment("{", id="a", index=0)])) == []
    first = pb.ToolCallDelta(part=0, id="a", name="f", arguments_json="{1")
    assert decoder.feed(calls([fragment("1", name="f", index=0)])) == [pb.ChatEvent(tool_call_delta=first)]
    second = pb.ToolCallDelta(part=0, arguments_json="}")
    assert decoder.feed(calls([fragment("}", index=0)])) == [pb.ChatEvent(tool_call_delta=second)]


def test_the_fragments_of_one_read_leave_as_one_delta_for_each_call() -> None:
    read = b"".join(calls([fragment(digit, id="a", name="f", index=0)]) for digit in "123")
    delta = pb.ToolCallDelta(part=0, id="a", name="f", arguments_json="123")
    assert WIRE.stream_decoder(pb.ChatRequest()).feed(read) == [pb.ChatEvent(tool_call_delta=delta)]


@pytest.mark.parametrize(
    "stream",
    [
        pytest.param([calls([fragment("{}", id="a", index=0)]), END], id="a call that never gets a name"),
        pytest.param([calls([fragment("x" * 600_000, index=0)])] * 2, id="too much held back for a name"),
        pytest.param(
            [calls([fragment("{}", id=f"c{n}", name="f", index=n) for n in range(MOST_CALLS + 1)])],
            id="too many calls",
        ),
    ],
)
def test_calls_that_nobody_could_run_are_malformed(stream: list[bytes]) -> None:
    with pytest.raises(Failure) as caught:
        streamed(stream)
    assert caught.value.kind == pb.FAILURE_KIND_MALFORMED
