"""Which result answers which call: the same for every protocol."""

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.listener import Listener
from service.providers.openai import Dialect
from service.providers.tool_loops import MISSING, asked_in
from service.providers.wire import Wire
from tests.providers.begun import WIRES

DROPPED, DOWNGRADED = pb.ADJUSTMENT_ACTION_DROPPED, pb.ADJUSTMENT_ACTION_DOWNGRADED
HELLO = pb.Message(role=pb.ROLE_USER, parts=[pb.Part(text="hello")])


def calls(*ids: str) -> pb.Message:
    return pb.Message(role=pb.ROLE_ASSISTANT, parts=[pb.Part(tool_call=pb.ToolCall(id=id, name="f")) for id in ids])


def results(**texts: str) -> pb.Message:
    parts = [pb.Part(tool_result=pb.ToolResult(tool_call_id=id, text=text)) for id, text in texts.items()]
    return pb.Message(role=pb.ROLE_TOOL, parts=parts)


def answers(*messages: pb.Message) -> tuple[list[tuple[str, str]], list[tuple[str, int]]]:
    """Each call with what came of it, and what was noted."""
    listener = Listener("p", Dialect())
    asked = asked_in(messages, None, listener)
    found = [(one.path, one.result.tool_result.text) for place in asked for one in asked[place]]
    return found, [(change.field, change.action) for change in listener.changes]


A, B = "messages[1].parts[0]", "messages[1].parts[1]"


@pytest.mark.parametrize(
    "after",
    [
        [results(a="1", b="2")],
        [results(b="2", a="1")],
        [results(b="2"), results(a="1")],
        [HELLO, results(b="2"), HELLO, results(a="1"), HELLO],
    ],
)
def test_results_are_found_in_whatever_order_and_however_far_apart_they_come(after: list[pb.Message]) -> None:
    assert answers(HELLO, calls("a", "b"), *after) == ([(A, "1"), (B, "2")], [])


def test_a_call_that_was_passed_over_has_an_error_and_it_is_told() -> None:
    missing = [(f"{A}.tool_call", DOWNGRADED)]
    assert answers(HELLO, calls("a", "b"), results(b="2")) == ([(A, MISSING), (B, "2")], missing)
    assert answers(HELLO, calls("a"), HELLO) == ([(A, MISSING)], missing)
    listener = Listener("p", Dialect())
    (one,) = asked_in([HELLO, calls("a"), HELLO], None, listener)[1]
    assert one.result.tool_result.is_error


def test_a_result_belongs_to_the_latest_turn_that_called_with_its_id() -> None:
    found, changes = answers(HELLO, calls("a"), HELLO, calls("a"), results(a="2"))
    assert found == [(A, MISSING), ("messages[3].parts[0]", "2")]
    assert changes == [(f"{A}.tool_call", DOWNGRADED)]


def test_calls_of_one_id_in_one_turn_have_their_results_in_order() -> None:
    turn = [calls("a", "a"), calls("a")]
    found, changes = answers(HELLO, *turn, results(a="1"), results(a="2"), results(a="3"))
    assert [text for _, text in found] == ["1", "2", "3"]
    assert changes == []


def test_a_result_that_answers_nothing_is_left_out_and_told() -> None:
    found, changes = answers(HELLO, calls("a"), results(a="1", b="?"), results(a="again"))
    assert found == [(A, "1")]
    assert changes == [("messages[2].parts[1].tool_result", DROPPED), ("messages[3].parts[0].tool_result", DROPPED)]
    assert answers(HELLO, results(a="?")) == ([], [("messages[1].parts[0].tool_result", DROPPED)])


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
@pytest.mark.parametrize(
    "messages",
    [
        [HELLO, calls("a")],
        [HELLO, calls("a"), pb.Message(role=pb.ROLE_ASSISTANT, parts=[pb.Part(text="so")])],
    ],
)
def test_a_conversation_cannot_end_with_a_call(wire: Wire, messages: list[pb.Message]) -> None:
    with pytest.raises(Failure) as caught:
        wire.encode(pb.ChatRequest(messages=messages), "m", stream=False)
    assert caught.value.kind == pb.FAILURE_KIND_INVALID_REQUEST
    assert caught.value.detail.startswith(f"{A}.tool_call: wants a result in a tool message")


def test_calls_of_two_messages_in_a_row_are_one_turn_where_turns_alternate() -> None:
    asked = pb.ChatRequest(messages=[HELLO, calls("a"), calls("b"), results(b="2", a="1")], tools=[pb.Tool(name="f")])
    said = {name: orjson.loads(wire.encode(asked, "m", stream=False).body) for name, wire in WIRES.items()}
    assert [one["role"] for one in said["anthropic"]["messages"]] == ["user", "assistant", "user"]
    assert [one["role"] for one in said["gemini"]["contents"]] == ["user", "model", "user"]
    assert [one["role"] for one in said["openai"]["messages"]] == ["user", *["assistant", "tool"] * 2]


@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
def test_every_protocol_is_told_of_a_missing_result_in_plain_words(wire: Wire) -> None:
    asked = pb.ChatRequest(messages=[HELLO, calls("a"), HELLO], tools=[pb.Tool(name="f")])
    question = wire.encode(asked, "m", stream=False)
    assert MISSING in question.body.decode()
    assert (f"{A}.tool_call", DOWNGRADED) in [(change.field, change.action) for change in question.adjustments]
