"""The last line of defence: credentials that we know never leave in a line, however they got into it.

What is logged is chosen field by field, and a `Secret` prints as `***`; this is for the day that neither was enough.
"""

import json
from collections.abc import Iterable

MASK = b"***"
LEAST = 8
"""Characters. Shorter ones are words such as `none`, and would be found in everything."""


class Mask:
    """Takes known credentials out of rendered lines."""

    def __init__(self, credentials: Iterable[str] = ()) -> None:
        known = {form for credential in credentials if len(credential) >= LEAST for form in _forms(credential)}
        self._known = sorted(known, key=len, reverse=True)  # one may be the beginning of another

    def __call__(self, line: bytes) -> bytes:
        """The line without them. Costs 0.2 µs for each that is known."""
        find = line.find  # `in` takes half as long again
        for credential in self._known:
            if find(credential) >= 0:
                return self._without(line)
        return line

    def _without(self, line: bytes) -> bytes:
        for credential in self._known:
            line = line.replace(credential, MASK)
        return line

    def __repr__(self) -> str:
        return f"Mask({len(self._known)})"


def _forms(credential: str) -> Iterable[bytes]:
    """As it is, as JSON writes it, and as Python shows it."""
    yield credential.encode()
    yield json.dumps(credential, ensure_ascii=False)[1:-1].encode()
    yield repr(credential)[1:-1].encode()
