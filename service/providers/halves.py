"""Mends JSON that holds half a character: an escaped surrogate without its other half, which no reader accepts.

A provider that cuts its text between the two halves sends one in each of two chunks.
"""

import re

REPLACEMENT = rb"\ufffd"
_ESCAPES = re.compile(
    rb"(?P<fine> \\[^u] | \\u[dD][89abAB][0-9a-fA-F]{2} \\u[dD][c-fC-F][0-9a-fA-F]{2} )"
    rb"| (?P<first> \\u[dD][89abAB][0-9a-fA-F]{2}) (?P<at_end> (?=\") )?"
    rb"| (?P<second> \\u[dD][c-fC-F][0-9a-fA-F]{2} )",
    re.VERBOSE,
)


class Halves:
    """Keeps the first half that a chunk ended with, for the second half that the next one begins with."""

    def __init__(self) -> None:
        self._first = b""

    def mended(self, data: bytes, *, last: bool = False) -> bytes:
        """The same JSON with whole characters; half a one that stays alone becomes U+FFFD.

        `last`: no further chunk follows.
        """
        held, self._first = self._first, b""

        def mend(found: re.Match[bytes]) -> bytes:
            nonlocal held
            if found["fine"]:
                return found["fine"]
            if found["second"]:
                first, held = held, b""
                at_start = data[found.start() - 1 : found.start()] == b'"'
                return first + found["second"] if first and at_start else REPLACEMENT
            if found["at_end"] is not None and not self._first and not last:
                self._first = found["first"]
                return b""
            return REPLACEMENT

        return _ESCAPES.sub(mend, data)
