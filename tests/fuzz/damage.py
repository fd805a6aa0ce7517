"""Damages the bytes of a body, as broken proxies, cut connections and careless providers do."""

import re
from collections.abc import Callable
from random import Random

from tests.fuzz.strange import DEEP, FRAGMENTS, LINE_ENDS, VALUES

Damage = Callable[[Random, bytes, bytes], bytes]
"""Takes the chance, the body and another body; gives the body damaged."""

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_REPEATED = 200_000  # bytes to which a piece may grow that comes again and again


def flip(rng: Random, body: bytes, other: bytes) -> bytes:
    """Changes single bytes."""
    data = bytearray(body)
    for _ in range(rng.choice((1, 1, 3, 20))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data)


def delete(rng: Random, body: bytes, other: bytes) -> bytes:
    """Loses a piece."""
    start, end = _piece(rng, body)
    return body[:start] + body[end:]


def duplicate(rng: Random, body: bytes, other: bytes) -> bytes:
    """Says a piece twice."""
    start, end = _piece(rng, body)
    return body[:end] + body[start:]


def repeat(rng: Random, body: bytes, other: bytes) -> bytes:
    """Says a piece again and again."""
    start, end = _piece(rng, body)
    times = rng.randrange(1, 1 + _REPEATED // (end - start + 1)) if rng.random() < 0.1 else rng.randrange(2, 30)
    return body[:start] + body[start:end] * times + body[end:]


def insert(rng: Random, body: bytes, other: bytes) -> bytes:
    """Says something strange in between."""
    at = rng.randrange(len(body) + 1)
    return body[:at] + rng.choice(FRAGMENTS) + body[at:]


def truncate(rng: Random, body: bytes, other: bytes) -> bytes:
    """Ends too early."""
    return body[: rng.randrange(len(body))]


def behead(rng: Random, body: bytes, other: bytes) -> bytes:
    """Begins too late."""
    return body[rng.randrange(len(body)) :]


def splice(rng: Random, body: bytes, other: bytes) -> bytes:
    """Goes on with another body, at a line of both or anywhere."""
    mine, theirs = rng.randrange(len(body)), rng.randrange(len(other))
    if rng.random() < 0.7:
        mine, theirs = body.rfind(b"\n", 0, mine) + 1, other.rfind(b"\n", 0, theirs) + 1
    return body[:mine] + other[theirs:]


def shuffle(rng: Random, body: bytes, other: bytes) -> bytes:
    """Says its lines in another order."""
    lines = body.split(b"\n\n")
    for _ in range(3):
        a, b = rng.randrange(len(lines)), rng.randrange(len(lines))
        lines[a], lines[b] = lines[b], lines[a]
    return b"\n\n".join(lines)


def end_lines_otherwise(rng: Random, body: bytes, other: bytes) -> bytes:
    """Ends all lines, or some, in another way."""
    if rng.random() < 0.5:
        return body.replace(b"\n", rng.choice(LINE_ENDS))
    return b"".join(line + (rng.choice(LINE_ENDS) if rng.random() < 0.2 else b"\n") for line in body.split(b"\n"))


def nest(rng: Random, body: bytes, other: bytes) -> bytes:
    """Puts something deep in place of a piece."""
    start, end = _piece(rng, body)
    return body[:start] + rng.choice(DEEP) + body[end:]


def miscount(rng: Random, body: bytes, other: bytes) -> bytes:
    """Puts something else in place of a number."""
    numbers = list(_NUMBER.finditer(body))
    if not numbers:
        return body
    found = rng.choice(numbers)
    return body[: found.start()] + rng.choice(VALUES) + body[found.end() :]


DAMAGES: tuple[Damage, ...] = (
    flip, delete, duplicate, repeat, insert, insert, truncate, behead,
    splice, shuffle, end_lines_otherwise, nest, miscount,
)  # fmt: skip


def _piece(rng: Random, body: bytes) -> tuple[int, int]:
    """Where a short or a long piece begins and ends."""
    start = rng.randrange(len(body))
    return start, min(len(body), start + rng.choice((1, 2, 8, 50, 400, 5000)))
