"""Characters that a provider cut in two."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.providers.halves import Halves


def chunk(text: str) -> bytes:
    """As a provider writes it that escapes everything."""
    return json.dumps({"content": text}).encode()


def read(*chunks: bytes) -> str:
    halves = Halves()
    return "".join(orjson.loads(halves.mended(data))["content"] for data in chunks)


def test_two_halves_in_two_chunks_are_one_character() -> None:
    assert read(chunk("a\ud83d"), chunk("\ude00b")) == "a\U0001f600b"


@pytest.mark.parametrize("alone", ["a\ud83db", "\ude00b", "a\ude00", "\ud83d\ud83db"])
def test_a_half_that_stays_alone_is_replaced(alone: str) -> None:
    assert "\ufffd" in read(chunk(alone))


def test_an_escaped_backslash_is_no_escape() -> None:
    assert read(chunk("\\ud83d")) == "\\ud83d"


def test_in_a_whole_answer_nothing_is_kept_for_later() -> None:
    assert orjson.loads(Halves().mended(chunk("a\ud83d"), last=True))["content"] == "a\ufffd"


@given(st.text(), st.data())
def test_any_text_cut_anywhere_in_utf_16_comes_out_whole(text: str, data: st.DataObject) -> None:
    units = text.encode("utf-16-le")
    cut = 2 * data.draw(st.integers(0, len(units) // 2))
    first, second = (part.decode("utf-16-le", "surrogatepass") for part in (units[:cut], units[cut:]))
    assert read(chunk(first), chunk(second)) == text
