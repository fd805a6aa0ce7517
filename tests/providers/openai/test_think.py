"""Thoughts between tags at the beginning of the text."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.providers.openai.think import ThinkTags
from tests.providers.openai.chunks import calls, chunk, fragment, text
from tests.providers.openai.folding import TAGGED, fold, streamed

STOP = chunk(finish="stop")


def told_apart(*pieces: str) -> tuple[str, str]:
    tags, thoughts, said = ThinkTags(), "", ""
    found = [found for piece in pieces if piece for found in tags.feed(piece)]
    for is_thought, words in [*found, *tags.end()]:
        assert words
        thoughts, said = (thoughts + words, said) if is_thought else (thoughts, said + words)
    return thoughts, said


CASES = {
    "<think>a</think>b": ("a", "b"),
    "<think>\n\n</think>\n\nb": ("\n\n", "b"),
    " \n<think>a</think>": ("a", ""),
    "<think>a</thin</think>b</think>": ("a</thin", "b</think>"),
    "<think>never closed</thi": ("never closed</thi", ""),
    "<think>": ("", ""),
    "b <think>a</think>": ("", "b <think>a</think>"),
    "<thinking>a": ("", "<thinking>a"),
    "<thi": ("", "<thi"),
    "  ": ("", "  "),
    "<b>": ("", "<b>"),
    "": ("", ""),
}


@pytest.mark.parametrize("whole", CASES)
def test_tags_count_at_the_very_beginning_only(whole: str) -> None:
    assert told_apart(whole) == CASES[whole]
    assert told_apart(*whole) == CASES[whole]


@given(
    st.lists(st.sampled_from(["<think>", "</think>", "<", "/", "think", ">", "a", "\n", " "]), max_size=12), st.data()
)
def test_any_cut_of_the_text_says_the_same(words: list[str], data: st.DataObject) -> None:
    whole = "".join(words)
    cut = data.draw(st.integers(0, len(whole)))
    assert told_apart(whole[:cut], whole[cut:]) == told_apart(*whole) == told_apart(whole)


def test_thoughts_between_tags_are_reasoning_where_the_dialect_says_so() -> None:
    chunks = [text("<thi"), text("nk>hm</th"), text("ink>\n"), text("A"), STOP]
    answer = fold(streamed(chunks, TAGGED))
    assert (answer.reasoning, answer.text) == ("hm", "A")
    assert fold(streamed(chunks)).text == "<think>hm</think>\nA"
    body = orjson.dumps({"choices": [{"message": {"content": "<think>hm</think>A"}}]})
    assert fold(TAGGED.decode(body)).reasoning == "hm"
    assert fold(streamed([body], TAGGED)).reasoning == "hm"


def test_what_is_held_back_for_a_tag_is_not_lost() -> None:
    answer = fold(streamed([text("<"), calls([fragment("{}", id="a", name="f")]), STOP], TAGGED))
    assert (answer.text, len(answer.calls)) == ("<", 1)


def test_a_text_that_begins_with_very_many_blanks_has_no_tags_and_takes_no_time() -> None:
    tags = ThinkTags()
    pieces = [piece for _ in range(100_000) for piece in tags.feed(" ")]
    assert "".join(text for _, text in pieces) == " " * 100_000
    assert [*tags.feed("<think>")] == [(False, "<think>")]
