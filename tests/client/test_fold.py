"""Events fold into the answer that they tell, however they were cut."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay import Fold, IncompleteStream
from mainstay import v1 as pb
from tests.client.scripted import (
    answer,
    completed,
    heartbeat,
    numbered,
    reasoning,
    reset,
    started,
    text,
    tool_call,
)


def folded(*events: pb.ChatEvent) -> pb.ChatResponse:
    fold = Fold()
    for event in numbered(*events):
        fold.add(event)
    assert fold.response is not None
    return fold.response


def state(part: int, data: bytes) -> pb.ChatEvent:
    return pb.ChatEvent(part_state=pb.PartState(part=part, provider_state=pb.ProviderState(issuer="acme", data=data)))


def block(part: int, json: str) -> pb.ChatEvent:
    return pb.ChatEvent(part_state=pb.PartState(part=part, provider_block=pb.ProviderBlock(issuer="acme", json=json)))


def test_the_answer_is_what_completed_says_with_the_folded_message() -> None:
    expected = answer("Hello world")
    assert folded(started(), text("Hello "), text("world"), completed()) == expected


def test_there_is_no_answer_before_completed() -> None:
    fold = Fold()
    for event in numbered(started(), text("Hello")):
        fold.add(event)
    assert fold.response is None


def test_parts_keep_their_kinds_their_order_and_their_state() -> None:
    message = folded(
        started(),
        reasoning("let me "),
        reasoning("look"),
        state(0, b"signature"),
        text("I look.", part=1),
        tool_call('{"city":', part=2, id="t1", name="weather"),
        tool_call('"Rome"}', part=2),
        tool_call("{}", part=3, id="t2", name="time"),
        block(4, '{"type":"odd"}'),
        completed(),
    ).message
    signature = pb.ProviderState(issuer="acme", data=b"signature")
    assert message == pb.Message(
        role=pb.ROLE_ASSISTANT,
        parts=[
            pb.Part(reasoning=pb.Reasoning(text="let me look"), provider_state=signature),
            pb.Part(text="I look."),
            pb.Part(tool_call=pb.ToolCall(id="t1", name="weather", arguments_json='{"city":"Rome"}')),
            pb.Part(tool_call=pb.ToolCall(id="t2", name="time", arguments_json="{}")),
            pb.Part(provider_block=pb.ProviderBlock(issuer="acme", json='{"type":"odd"}')),
        ],
    )


def test_a_state_may_come_before_its_part() -> None:
    message = folded(state(0, b"s"), text("Hi"), completed()).message
    assert message.parts[0] == pb.Part(text="Hi", provider_state=pb.ProviderState(issuer="acme", data=b"s"))


def test_a_state_without_a_part_is_a_withheld_thought() -> None:
    message = folded(state(0, b"s"), text("Hi", part=1), completed()).message
    assert message.parts[0].reasoning == pb.Reasoning(redacted=True)
    assert message.parts[0].provider_state.data == b"s"


def test_discard_forgets_every_part_and_indexes_begin_again() -> None:
    response = folded(reasoning("hm"), text("wrong", part=1), reset(pb.RESET_MODE_DISCARD), text("right"), completed())
    assert response.message == answer("right").message


def test_continue_keeps_every_part() -> None:
    response = folded(text("first "), reset(pb.RESET_MODE_CONTINUE), text("second"), completed())
    assert response.message == answer("first second").message


def test_a_reset_of_an_unknown_kind_is_not_guessed_at() -> None:
    with pytest.raises(IncompleteStream, match="reset"):
        folded(text("first"), reset(pb.ResetMode.ValueType(9)), completed())


def test_the_last_usage_counts_where_completed_has_none() -> None:
    end = completed()
    end.completed.ClearField("usage")
    usages = [pb.ChatEvent(usage=pb.Usage(output_tokens=tokens)) for tokens in (3, 7)]
    assert folded(text("Hi"), *usages, end).usage == pb.Usage(output_tokens=7)


def test_the_usage_of_completed_wins() -> None:
    usage = pb.ChatEvent(usage=pb.Usage(output_tokens=3))
    assert folded(text("Hi"), usage, completed()).usage == answer().usage


def test_an_answer_without_parts_is_an_answer() -> None:
    assert folded(started(), completed()).message == pb.Message(role=pb.ROLE_ASSISTANT)


def test_heartbeats_have_no_place_in_the_sequence() -> None:
    events = numbered(heartbeat(), text("a"), heartbeat(), text("b"), heartbeat(), completed())
    assert folded(*events).message == answer("ab").message


def test_unknown_events_are_counted_and_ignored() -> None:
    assert folded(text("a"), pb.ChatEvent(), text("b"), completed()).message == answer("ab").message


def test_an_unknown_event_outside_the_sequence_is_ignored() -> None:
    fold = Fold()
    fold.add(pb.ChatEvent())
    for event in numbered(text("a"), completed()):
        fold.add(event)
    assert fold.response == answer("a")


@pytest.mark.parametrize("sequences", [(1, 3), (1, 1), (2,), (0,), (1, 0)])
def test_a_gap_in_the_sequence_is_an_error(sequences: tuple[int, ...]) -> None:
    fold = Fold()
    *good, bad = sequences
    for sequence in good:
        fold.add(pb.ChatEvent(sequence=sequence, text_delta=pb.TextDelta(text="a")))
    with pytest.raises(IncompleteStream, match="was expected"):
        fold.add(pb.ChatEvent(sequence=bad, text_delta=pb.TextDelta(text="a")))


def test_nothing_comes_after_completed() -> None:
    with pytest.raises(IncompleteStream, match="after `completed`"):
        folded(text("a"), completed(), text("b"))


def test_a_part_does_not_change_its_kind() -> None:
    with pytest.raises(IncompleteStream, match="part 0 was text and became tool_call"):
        folded(text("a"), tool_call("{}"), completed())


@pytest.mark.parametrize("index", [1, -1])
def test_a_missing_part_is_an_error(index: int) -> None:
    with pytest.raises(IncompleteStream, match="lacks a part"):
        folded(text("a", part=index), completed())


def test_the_events_stay_the_readers() -> None:
    events = numbered(started(), state(0, b"s"), text("Hi"), completed())
    before = [event.SerializeToString() for event in events]
    fold = Fold()
    for event in events:
        fold.add(event)
    assert [event.SerializeToString() for event in events] == before


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to see protobuf's own memory")
def test_memory_grows_with_the_text_and_not_with_its_square() -> None:
    events = numbered(*(text("x" * 64) for _ in range(2000)), completed())
    fold = Fold()
    before = resident_bytes()
    for event in events:
        fold.add(event)
    assert resident_bytes() - before < 20 << 20  # the text has 128 KB; `part.text += delta` takes 128 MB


def splits(whole: str, cuts: list[int]) -> list[str]:
    edges = [0, *sorted(cut % (len(whole) + 1) for cut in cuts), len(whole)]
    return [whole[start:end] for start, end in pairwise(edges)]


cuts = st.lists(st.integers(min_value=0, max_value=200), max_size=8)
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60)


@given(spoken=texts, thought=texts, arguments=texts, text_cuts=cuts, thought_cuts=cuts, argument_cuts=cuts)
def test_any_split_of_deltas_folds_the_same(
    spoken: str,
    thought: str,
    arguments: str,
    text_cuts: list[int],
    thought_cuts: list[int],
    argument_cuts: list[int],
) -> None:
    calls = [tool_call(piece, part=2) for piece in splits(arguments, argument_cuts)]
    calls[0].tool_call_delta.id, calls[0].tool_call_delta.name = "t1", "weather"
    message = folded(
        *(reasoning(piece) for piece in splits(thought, thought_cuts)),
        *(text(piece, part=1) for piece in splits(spoken, text_cuts)),
        *calls,
        completed(),
    ).message
    assert message == pb.Message(
        role=pb.ROLE_ASSISTANT,
        parts=[
            pb.Part(reasoning=pb.Reasoning(text=thought)),
            pb.Part(text=spoken),
            pb.Part(tool_call=pb.ToolCall(id="t1", name="weather", arguments_json=arguments)),
        ],
    )


@given(lost=st.lists(texts, max_size=5), kept=st.lists(texts, min_size=1, max_size=5))
def test_what_came_before_a_discard_leaves_no_trace(lost: list[str], kept: list[str]) -> None:
    events = [*map(text, lost), reset(pb.RESET_MODE_DISCARD), *map(text, kept), completed()]
    assert folded(*events).message.parts[0].text == "".join(kept)
