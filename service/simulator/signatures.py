"""Signs thoughts and tool calls, and knows its own signatures again without having kept them.

A signature is 8 bytes that name the request, and a MAC over them and over what is signed.
"""

import base64
import binascii
import hmac
from hashlib import sha256

import orjson

_KEY = b"mainstay simulator"  # keeps nobody out: it is only there to tell what was altered
_NAME = 8
_MAC = 25  # with the name 33 bytes: base64 without padding, in which every bit counts
_EXACT = 2.0**53  # a float beyond it may stand for several whole numbers
_URL_SAFE = str.maketrans("-_", "+/")


def sign(digest: str, *signed: object) -> str:
    """The signature, in base64, of JSON values in the answer to the request that `digest` names."""
    name = bytes.fromhex(digest)[:_NAME]
    return base64.b64encode(name + _mac(name, signed)).decode()


def is_genuine(signature: str, *signed: object) -> bool:
    """Whether the simulator signed just this."""
    try:
        given = base64.b64decode(signature.translate(_URL_SAFE), validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(given[_NAME:], _mac(given[:_NAME], signed))


def _mac(name: bytes, signed: tuple[object, ...]) -> bytes:
    said = orjson.dumps(_plain(list(signed)), option=orjson.OPT_SORT_KEYS)
    return hmac.new(_KEY, name + said, sha256).digest()[:_MAC]


def _plain(value: object) -> object:
    """The same with one way to write a number: 1.0 may come back as 1."""
    match value:
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case float() if value.is_integer() and abs(value) < _EXACT:
            return int(value)
        case _:
            return value
