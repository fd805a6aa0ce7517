"""Signatures are known again without memory, and only as they were."""

from hypothesis import given
from hypothesis import strategies as st

from service.simulator.signatures import is_genuine, sign

DIGEST = 64 * "a"
NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.dictionaries(st.text(max_size=3), NUMBERS | st.text(max_size=3), max_size=3)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


@given(st.text(max_size=9), JSON)
def test_what_was_signed_is_known_again(text: str, value: dict[str, object]) -> None:
    assert is_genuine(sign(DIGEST, text, value), text, value)


@given(st.integers(0, 43), st.sampled_from(ALPHABET))
def test_no_character_of_a_signature_can_be_another(at: int, character: str) -> None:
    signature = sign(DIGEST, "call", "f", {"a": 1})
    altered = signature[:at] + character + signature[at + 1 :]
    assert is_genuine(altered, "call", "f", {"a": 1}) == (altered == signature)


@given(st.text())
def test_nothing_else_is_a_signature(text: str) -> None:
    assert not is_genuine(text, "thinking", "Hm.")


def test_a_signature_says_what_and_for_whom() -> None:
    signature = sign(DIGEST, "thinking", "Hm.")
    assert not is_genuine(signature, "thinking", "Hm")
    assert not is_genuine(signature, "call", "Hm.")
    assert not is_genuine(signature, "thinking", "Hm", ".")
    assert sign(64 * "b", "thinking", "Hm.") != signature


def test_a_number_and_the_order_of_keys_may_be_written_differently() -> None:
    signature = sign(DIGEST, {"a": 1.0, "b": [2.5, {"c": 3}]})
    assert is_genuine(signature, {"b": [2.5, {"c": 3.0}], "a": 1})
    assert not is_genuine(signature, {"b": [2.4, {"c": 3.0}], "a": 1})
