"""Refuses pictures that are sent along and are none; those at an address are not fetched."""

import base64
import binascii
from collections.abc import Mapping

from service.simulator.refusal import Refusal, missing, wrong_type

_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_LOOKED_AT = 16  # characters of base64, a multiple of 4
_UNKNOWN = "You uploaded an unsupported image. Make sure that it is a png, jpeg, gif or webp."


def check_image(given: object, at: str) -> None:
    """Raise `Refusal` where the data of a `data:` address begin like no picture."""
    address = given.get("url") if isinstance(given, Mapping) else given
    if address is None:
        raise missing(f"{at}.url")
    if not isinstance(address, str):
        raise wrong_type(f"{at}.url", "a string")
    if not address.startswith("data:"):
        return
    data = address.partition(";base64,")[2]
    try:
        beginning = base64.b64decode(data[:_LOOKED_AT], validate=True)
    except (binascii.Error, ValueError):
        beginning = b""
    if not beginning.startswith(_BEGINNINGS):
        raise Refusal(_UNKNOWN, None, "invalid_image_format")
