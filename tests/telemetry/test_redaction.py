import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.telemetry.redaction import LEAST, Mask

KEY = "sk-canary-0123"


def test_a_credential_is_replaced_wherever_it_stands() -> None:
    assert Mask([KEY])(f'{{"{KEY}":"x{KEY}y{KEY}"}}'.encode()) == b'{"***":"x***y***"}'


@pytest.mark.parametrize("short", ["", "none", "ollama", "x" * (LEAST - 1)])
def test_short_ones_are_words_and_stay(short: str) -> None:
    assert Mask([short])(b'{"target":"none/ollama","x":"xxxxxxx"}') == b'{"target":"none/ollama","x":"xxxxxxx"}'


def test_one_that_begins_like_another_leaves_no_rest() -> None:
    assert Mask(["sk-canary", "sk-canary-longer"])(b"sk-canary-longer") == b"***"


def test_it_does_not_print_what_it_knows() -> None:
    assert "canary" not in repr(Mask([KEY]))


def test_credentials_are_learned_and_the_latest_two_of_each_owner_are_remembered() -> None:
    mask = Mask([KEY])
    for number in range(100):
        mask.learn("tokens.test", f"sk-token-{number:04}")
    mask.learn("other.test", "sk-other-token")
    assert mask(f"{KEY} sk-token-0099 sk-token-0098 sk-other-token".encode()) == b"*** *** *** ***"
    assert mask(b"sk-token-0097") == b"sk-token-0097"
    assert len(mask._known) <= 4 * 3


@given(st.text(min_size=LEAST), st.text(), st.text())
def test_whatever_it_is_made_of_json_does_not_hide_it(credential: str, before: str, after: str) -> None:
    try:
        line = orjson.dumps({"x": before + credential + after})
    except orjson.JSONEncodeError:  # half a surrogate pair
        return
    found = json.loads(Mask([credential])(line))["x"] if Mask([credential])(line).startswith(b'{"x":') else ""
    assert credential not in found or credential in "***"
