"""What events say together."""

from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.fold import Fold


def folded(*events: pb.ChatEvent) -> list[pb.Part]:
    fold = Fold()
    for event in events:
        fold.add(event)
    return list(fold.message().parts)


def text(part: int, text: str) -> pb.ChatEvent:
    return pb.ChatEvent(text_delta=pb.TextDelta(part=part, text=text))


def call(part: int, arguments: str, **first: str) -> pb.ChatEvent:
    return pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=part, arguments_json=arguments, **first))


def test_parts_keep_their_order_whatever_the_order_of_deltas() -> None:
    reasoning = pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=0, text="hm"))
    parts = folded(text(1, "a"), call(2, "{", id="c", name="f"), reasoning, text(1, "b"), call(2, "}"))
    assert [part.WhichOneof("content") for part in parts] == ["reasoning", "text", "tool_call"]
    assert parts[1].text == "ab"
    assert parts[2].tool_call == pb.ToolCall(id="c", name="f", arguments_json="{}")


def test_state_hangs_on_its_part_and_a_block_is_a_part() -> None:
    state = pb.ProviderState(issuer="p", data=b"s")
    block = pb.ProviderBlock(issuer="p", json="{}")
    parts = folded(
        text(0, "a"),
        pb.ChatEvent(part_state=pb.PartState(part=0, provider_state=state)),
        pb.ChatEvent(part_state=pb.PartState(part=1, provider_block=block)),
    )
    assert parts == [pb.Part(text="a", provider_state=state), pb.Part(provider_block=block)]


def test_a_state_without_words_is_the_state_of_thoughts_that_were_withheld() -> None:
    state = pb.ProviderState(issuer="p", data=b"s")
    parts = folded(pb.ChatEvent(part_state=pb.PartState(part=0, provider_state=state)), text(1, "a"))
    assert parts[0] == pb.Part(reasoning=pb.Reasoning(redacted=True), provider_state=state)


def test_a_discarding_reset_forgets_every_part_and_a_continuing_one_keeps_them() -> None:
    def reset(mode: pb.ResetMode.ValueType) -> pb.ChatEvent:
        return pb.ChatEvent(attempt_reset=pb.AttemptReset(mode=mode))

    assert folded(text(0, "a"), reset(pb.RESET_MODE_DISCARD), text(0, "b")) == [pb.Part(text="b")]
    assert folded(text(0, "a"), reset(pb.RESET_MODE_CONTINUE), text(0, "b")) == [pb.Part(text="ab")]


@given(st.text(), st.data())
def test_any_split_of_a_text_folds_to_the_text(whole: str, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(whole)))
    assert folded(text(0, whole[:cut]), text(0, whole[cut:])) == [pb.Part(text=whole)]


def test_what_a_reader_does_to_an_event_later_does_not_change_what_was_folded() -> None:
    fold = Fold()
    state = pb.PartState(part=0, provider_state=pb.ProviderState(issuer="p", data=b"s"))
    events = [call(0, "{}", id="c", name="f"), pb.ChatEvent(part_state=state)]
    for event in events:
        fold.add(event)
        event.Clear()
    (part,) = fold.message().parts
    assert part.tool_call == pb.ToolCall(id="c", name="f", arguments_json="{}")
    assert part.provider_state == state.provider_state
