"""The splitter, on the shapes that servers send and on any cut of them."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.sse import Event, Splitter


def events_of(reads: Iterable[bytes], event_bytes: int = 1 << 20) -> list[Event]:
    splitter = Splitter(event_bytes)
    found = [event for read in reads for event in splitter.feed(read)]
    return found + splitter.flush()


def cut(body: bytes, places: Sequence[int]) -> list[bytes]:
    ends = [0, *sorted(place % (len(body) + 1) for place in places), len(body)]
    return [body[start:end] for start, end in pairwise(ends)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"data: {}\n\n", [("", b"{}")]),
        (b"data: 1\n\ndata: 2\n\n", [("", b"1"), ("", b"2")]),
        (b"data:1\n\n", [("", b"1")]),
        (b"data:  1\n\n", [("", b" 1")]),
        (b"data\n\n", [("", b"")]),
        (b"data: 1\r\n\r\ndata: 2\r\n\r\n", [("", b"1"), ("", b"2")]),
        (b"data: 1\r\rdata: 2\r\r", [("", b"1"), ("", b"2")]),
        (b"data: 1\r\n\ndata: 2\n\r\n", [("", b"1"), ("", b"2")]),
        (b"data: a\ndata: b\n\n", [("", b"a\nb")]),
        (b": PROCESSING\n\n: PROCESSING\n\ndata: 1\n\n", [("", b"1")]),
        (b": ping\ndata: 1\n: ping\n\n", [("", b"1")]),
        (b"\xef\xbb\xbfdata: 1\n\n", [("", b"1")]),
        (b"\n\n\n\ndata: 1\n\n\n\n\n", [("", b"1")]),
        (b"event: ping\ndata: 1\nid: 7\nretry: 5\nunknown: x\n\n", [("ping", b"1")]),
        (b"event: ping\n\n", []),
        (b"event: error\n\n", [("error", b"")]),
        (b'error: {"code":500}\n\n', [("error", b'{"code":500}')]),
        (b'data: 1\nerror: {"code":500}\n\n', [("", b"1"), ("error", b'{"code":500}')]),
        (b"data: 1", [("", b"1")]),
        (b"data: 1\n", [("", b"1")]),
        (b"data: 1\r", [("", b"1")]),
        (b"event: \xff\ndata: 1\n\n", [("�", b"1")]),
        (b"", []),
        (b"<html>\n\n</html>", []),
    ],
)
def test_a_body_is_split_into_its_events(body: bytes, expected: list[tuple[str, bytes]]) -> None:
    assert events_of([body]) == expected


def test_an_event_is_handed_out_in_the_read_that_ends_it() -> None:
    splitter = Splitter()
    assert splitter.feed(b"data: 1\n") == []
    assert splitter.feed(b"\ndata: 2\r") == [("", b"1")]
    assert splitter.feed(b"\n\r") == [("", b"2")]
    assert splitter.feed(b"\n") == []
    assert splitter.flush() == []


lines = st.sampled_from(
    [
        b"data: 1",
        b"data:",
        b"data: \xe4\xbd\xa0",
        b": comment",
        b"event: error",
        b"error: {}",
        b"x",
        b"\xef\xbb\xbf",
        b"",
    ]
)
ends = st.sampled_from([b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n\r\n", b"\r\r"])
bodies = st.lists(st.tuples(lines, ends).map(b"".join), max_size=12).map(b"".join) | st.binary(max_size=40)


@settings(derandomize=True, max_examples=600, deadline=None)
@given(body=bodies, places=st.lists(st.integers(0, 200), max_size=12), event_bytes=st.sampled_from([4, 12, 1000]))
def test_any_cut_of_a_body_gives_the_same_events(body: bytes, places: list[int], event_bytes: int) -> None:
    outcomes: list[list[Event] | str] = []
    for reads in ([body], cut(body, places), [bytes([byte]) for byte in body]):
        try:
            outcomes.append(events_of(reads, event_bytes))
        except Failure as failure:
            outcomes.append(str(failure))
    assert outcomes[0] == outcomes[1] == outcomes[2]


@pytest.mark.parametrize("body", [b"data: 12345678", b"data: 12345678\n\n", b"x\n" * 20, b": ping\n" * 20])
def test_an_event_over_the_limit_is_malformed(body: bytes) -> None:
    with pytest.raises(Failure) as caught:
        events_of([body], event_bytes=13)
    assert caught.value.kind == pb.FAILURE_KIND_MALFORMED


def test_an_event_at_the_limit_passes() -> None:
    assert events_of([b"data: 1234567\n\n" * 3], event_bytes=13) == [("", b"1234567")] * 3


def test_an_event_in_many_small_reads_is_not_searched_again_and_again() -> None:
    splitter = Splitter()
    for _ in range(100_000):
        assert splitter.feed(b"data: 0123456789 ") == []
    assert len(splitter.feed(b"\n\n")) == 1
