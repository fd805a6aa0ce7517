"""Properties of an answer as it arrives: how its bytes are cut changes nothing, and no bytes do harm."""

from itertools import pairwise
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from service.providers.http.incoming import HEAD_BYTES, Incoming

often = settings(derandomize=True, max_examples=200, deadline=None)

NAMES = st.sampled_from([b"x-a", b"X-Request-Id", b"Date", b"x-empty", b"Connection"])
VALUES = st.sampled_from([b"", b"1", b"a b\tc", b"keep-alive", b"caf\xe9", b"x" * 300])
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=6)
INTERIM = st.lists(st.sampled_from([b"HTTP/1.1 100 Go\r\n\r\n", b"HTTP/1.1 103 Hints\r\nx-a: 1\r\n\r\n"]), max_size=2)
BODIES = st.lists(st.binary(min_size=1, max_size=40), max_size=5)
AFTER = st.sampled_from([b"", b"x", b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil", b"0\r\n\r\n"])


@st.composite
def answers(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """The bytes of an answer, and its body."""
    pieces = draw(BODIES)
    framing = draw(st.sampled_from(["length", "chunked", "trailers", "close"]))
    body = b"".join(pieces)
    match framing:
        case "length":
            frame, framed = b"content-length: %d\r\n" % len(body), body + draw(AFTER)
        case "close":
            frame, framed = b"", body
        case _:
            trailers = b"x-check: 1\r\nx-more: 2\r\n" if framing == "trailers" else b""
            chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
            frame, framed = b"transfer-encoding: chunked\r\n", chunks + b"0\r\n" + trailers + b"\r\n" + draw(AFTER)
    lines = b"".join(b"%s: %s\r\n" % header for header in draw(HEADERS))
    return b"".join(draw(INTERIM)) + b"HTTP/1.1 200 OK\r\n" + lines + frame + b"\r\n" + framed, body


def cut(came: bytes, at: list[int]) -> list[bytes]:
    places = sorted({place % (len(came) + 1) for place in at} | {0, len(came)})
    return [came[begin:end] for begin, end in pairwise(places)]


def heard(pieces: list[bytes]) -> tuple[Any, ...]:
    """All that is known of an answer that arrived in those pieces."""
    incoming = Incoming()
    body = []
    for piece in pieces:
        if not incoming.over:
            incoming.feed(piece)
        body.append(incoming.take())
    incoming.eof()
    incoming.lose("gone")
    headers = dict(incoming.headers)
    return incoming.status, headers, b"".join(body), incoming.done, incoming.wrong, incoming.lost


CUTS = st.lists(st.integers(min_value=0, max_value=5000), max_size=12)


@often
@given(answers(), CUTS)
def test_however_an_answer_is_cut_it_is_the_same(answer: tuple[bytes, bytes], at: list[int]) -> None:
    came, body = answer
    whole = heard([came])
    assert (whole[0], whole[2:]) == (200, (body, True, "", ""))
    assert heard(cut(came, at)) == whole
    assert heard([came[place : place + 1] for place in range(len(came))]) == whole


@often
@given(answers(), CUTS, st.data())
def test_however_a_broken_answer_is_cut_it_is_the_same(
    answer: tuple[bytes, bytes], at: list[int], data: st.DataObject
) -> None:
    came, _ = answer
    place = data.draw(st.integers(0, len(came) - 1))
    broken = came[:place] + data.draw(st.binary(max_size=3)) + came[place + data.draw(st.integers(0, 3)) :]
    status, _, body, done, wrong, lost = heard([broken])
    assert done + bool(wrong) + bool(lost) == 1
    again = heard(cut(broken, at))
    assert (again[0], again[3], bool(again[4]), again[5]) == (status, done, bool(wrong), lost)
    assert again[2] == body


@often
@given(st.lists(st.binary(max_size=200), max_size=5), st.booleans())
@example([b"HTTP/1.1 200 OK\r\n\r\n", b"", b"\0"], True)
def test_no_bytes_raise_anything(pieces: list[bytes], begun: bool) -> None:
    heard([b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", *pieces] if begun else pieces)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.integers(-3, 3), st.sampled_from([1000, 65_536, 200_000]))
def test_the_bound_of_the_head_is_the_same_for_every_cut(around: int, size: int) -> None:
    frame = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\nx: \r\n\r\n"
    head = frame.replace(b"x: ", b"x: " + b"x" * (HEAD_BYTES - len(frame) + around))
    came = head + b"y" * 100_000
    status, _, _, done, wrong, _ = heard([came[place : place + size] for place in range(0, len(came), size)])
    assert (status, done, bool(wrong)) == ((200, True, False) if around <= 0 else (0, False, True))


def test_an_answer_that_is_over_keeps_no_parser() -> None:
    """The parser holds what it calls: only the garbage collector would find the two."""
    incoming = Incoming()
    incoming.feed(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert incoming._parser is None
