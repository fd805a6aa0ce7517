"""What a provider wants back as it gave it."""

import orjson
import pytest

from mainstay import v1 as pb
from service.chat.fold import Fold
from tests.providers.openai.chunks import DONE, chunk, fragment, text
from tests.providers.openai.folding import WIRE, Said, fold, streamed

STOP = chunk(finish="stop")
SECRET = {"type": "reasoning.encrypted", "data": "Zm9v", "format": "x-v1", "id": "rs_1", "index": 0}
SIGNATURE = {"google": {"thought_signature": "c2ln"}}


def said(*reads: bytes) -> Said:
    return fold(streamed([*reads, STOP + DONE]))


def whole(message: object) -> Said:
    return fold(WIRE.decode(orjson.dumps({"choices": [{"message": message, "finish_reason": "stop"}]})))


def details(*blocks: object, **fields: object) -> bytes:
    return chunk({"reasoning_details": list(blocks), **fields})


def spoken(text: str, **fields: object) -> dict[str, object]:
    return {"type": "reasoning.text", "text": text, "index": 0, **fields}


def test_encrypted_thoughts_are_the_state_of_a_part_of_their_own() -> None:
    answer = said(details(SECRET), text("A"))
    assert (answer.text, answer.reasoning) == ("A", "")
    assert answer.states == {0: {"reasoning_details": [SECRET]}}


def test_encrypted_thoughts_hang_on_the_thoughts_that_were_said() -> None:
    answer = whole({"content": "A", "reasoning": "hm", "reasoning_details": [spoken("hm"), SECRET]})
    assert answer.reasoning == "hm"
    assert answer.states == {0: {"reasoning_details": [spoken("hm"), SECRET]}}


def test_a_part_without_words_is_reasoning_that_was_withheld() -> None:
    folded = Fold()
    for event in streamed([details(SECRET), text("A"), STOP]):
        folded.add(event)
    first, second = folded.message().parts
    assert first.reasoning == pb.Reasoning(redacted=True)
    assert first.provider_state.issuer == WIRE.provider
    assert second.text == "A"


def test_fragments_of_signed_thoughts_come_together_and_the_signature_closes_them() -> None:
    answer = said(
        details(spoken("I "), reasoning="I "),
        details(spoken("think", format="y"), reasoning="think"),
        details(spoken("", signature="s", format=None)),
        details(spoken("more"), reasoning=", more"),
    )
    assert answer.reasoning == "I think, more"
    block = {**spoken("I think"), "format": "y", "signature": "s"}
    assert answer.states == {0: {"reasoning_details": [block, spoken("more")]}}


def test_blocks_of_another_kind_or_index_and_encrypted_ones_stay_apart() -> None:
    summary = {"type": "reasoning.summary", "summary": "hm", "index": 0}
    blocks = [summary, SECRET, SECRET, spoken("a"), spoken("b", index=1)]
    assert said(*map(details, blocks)).states == {0: {"reasoning_details": blocks}}


def test_blocks_of_a_whole_answer_go_back_unchanged() -> None:
    blocks = [spoken("a"), spoken("b"), SECRET]
    assert whole({"content": "A", "reasoning_details": blocks}).states == {0: {"reasoning_details": blocks}}


def test_thoughts_that_nobody_signed_are_no_state() -> None:
    assert said(details(spoken("hm"), reasoning="hm"), text("A")).states == {}
    assert said(chunk({"content": "A", "reasoning_encrypted": False, "extra_content": {"google": {}}})).states == {}


@pytest.mark.parametrize(
    "state",
    [
        {"reasoning_opaque": "Zm9v"},
        {"thinking_blocks": [{"type": "thinking", "thinking": "hm", "signature": "s"}]},
        {"reasoning_details": [{"type": "reasoning.of-tomorrow"}]},
    ],
)
def test_every_spelling_of_opaque_thoughts_is_kept(state: dict[str, object]) -> None:
    assert said(chunk({**state, "reasoning_content": "hm"}), text("A")).states == {0: state}


def test_a_summary_is_said_where_nothing_else_is() -> None:
    assert said(details({"type": "reasoning.summary", "summary": "hm"})).reasoning == "hm"


def test_a_signed_tool_call_keeps_its_signature() -> None:
    call = fragment("{}", id="", name="f") | {"extra_content": SIGNATURE}
    plain = fragment("{}", id="b", name="g")
    answer = said(chunk({"tool_calls": [call, plain]}))
    assert [name for _, name, _ in answer.calls] == ["f", "g"]
    assert answer.states == {0: {"extra_content": SIGNATURE}}


def test_a_signed_message_keeps_its_signature_on_its_text() -> None:
    assert said(text("A"), chunk({"extra_content": SIGNATURE})).states == {0: {"extra_content": SIGNATURE}}


def test_a_signed_message_without_words_keeps_its_signature_on_a_part_of_its_own() -> None:
    call = fragment("{}", id="a", name="f")
    answer = said(chunk({"tool_calls": [call], "extra_content": SIGNATURE}))
    assert answer.states == {1: {"extra_content": SIGNATURE}}


def test_state_leaves_once_and_before_the_end() -> None:
    events = streamed([details(SECRET), text("A"), STOP])
    assert [event.WhichOneof("event") for event in events] == ["text_delta", "part_state", "completed"]


def test_what_the_contract_does_not_model_passes_as_a_block() -> None:
    reference = {"type": "reference", "reference_ids": [1]}
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}
    parts = [{"type": "text", "text": "A"}, reference, {"type": "text", "text": "B"}, {}, 7]
    answer = whole({"content": parts, "images": [picture, None]})
    assert (answer.text, answer.blocks) == ("AB", [reference, picture])


def test_unsigned_thoughts_are_state_beside_a_tool_call_only() -> None:
    thoughts = {"reasoning": "hm", "reasoning_details": [spoken("hm")]}
    assert whole({"content": "A", **thoughts}).states == {}
    calls = [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]
    assert whole({"tool_calls": calls, **thoughts}).states == {0: {"reasoning_details": [spoken("hm")]}}
