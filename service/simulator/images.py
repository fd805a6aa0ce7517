"""Tells data that are sent along as a picture and are none."""

import base64
import binascii

_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
_LOOKED_AT = 16  # characters of base64, a multiple of 4
_URL_SAFE = str.maketrans("-_", "+/")


def is_picture(data: str) -> bool:
    """Whether base64, of either alphabet, begins like a png, jpeg, gif or webp."""
    try:
        beginning = base64.b64decode(data[:_LOOKED_AT].translate(_URL_SAFE), validate=True)
    except (binascii.Error, ValueError):
        return False
    return beginning.startswith(_BEGINNINGS)
