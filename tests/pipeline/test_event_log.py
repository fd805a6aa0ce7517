"""The bound of what readers share."""

from hypothesis import given
from hypothesis import strategies as st

from mainstay import v1 as pb
from service.pipeline.event_log import EVENT_OVERHEAD, EventLog


def event(text: str) -> pb.ChatEvent:
    return pb.ChatEvent(text_delta=pb.TextDelta(text=text))


def size(text: str) -> int:
    return event(text).ByteSize() + EVENT_OVERHEAD


def text_at(log: EventLog, number: int) -> str | None:
    taken = log.take(number)
    return None if taken is None else taken.text_delta.text


def test_what_a_reader_does_to_its_event_no_other_sees() -> None:
    log = EventLog()
    log.append(event("a"))
    for _ in range(3):
        taken = log.take(0)
        assert taken == event("a")
        taken.text_delta.text = "scribbled"


def test_what_nobody_has_read_stays_however_much_it_is() -> None:
    log = EventLog(most=0)
    for number in range(9):
        log.append(event(str(number)))
    assert [text_at(log, number) for number in range(9)] == list("012345678")
    assert (log.start, log.read, log.end, log.unread_bytes) == (9, 9, 9, 0)


def test_the_oldest_of_what_was_read_goes_when_there_is_too_much() -> None:
    log = EventLog(most=2 * size("a"))
    for text in "abcd":
        log.append(event(text))
        log.take(log.end - 1)
    assert [text_at(log, number) for number in range(4)] == [None, None, "c", "d"]
    assert [kept.text_delta.text for kept in log.copies()] == ["c", "d"]


@given(st.lists(st.one_of(st.text(max_size=40), st.integers(0, 30))), st.integers(0, 500))
def test_it_stays_within_its_bound(steps: list[str | int], most: int) -> None:
    """A text is a new event; a number is one that somebody reads, the next one or one that was read before."""
    log = EventLog(most)
    said: list[str] = []
    for step in steps:
        if isinstance(step, str):
            log.append(event(step))
            said.append(step)
        elif (number := min(step, log.read)) < len(said):
            gone = number < log.start
            assert text_at(log, number) == (None if gone else said[number])
        assert sum(size(text) for text in said[log.start : log.read]) <= most
        assert log.unread_bytes == sum(map(size, said[log.read :]))
        assert [kept.text_delta.text for kept in log.copies()] == said[log.start :]
