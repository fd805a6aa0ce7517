import errno
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.telemetry.sink import COMPLAIN_SECONDS, Sink, unblocking


class Reader:
    """The other end of a pipe that holds 4 KiB."""

    def __init__(self) -> None:
        self.fd, self.writing = os.pipe()
        fcntl.fcntl(self.writing, fcntl.F_SETPIPE_SZ, 4096)
        os.set_blocking(self.fd, False)

    def read(self) -> bytes:
        data = b""
        try:
            while more := os.read(self.fd, 1 << 20):
                data += more
        except BlockingIOError:
            pass
        return data


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader()
    yield reader
    os.close(reader.fd)
    os.close(reader.writing)


class Complaints(list[str]):
    """What was said to people, and the clock."""

    now = 0.0

    def sink(self, fd: int) -> Sink:
        return Sink(fd, lambda dropped: b"%d dropped" % dropped, complain=self.append, now=lambda: self.now)


@pytest.fixture
def unblocked(reader: Reader) -> Iterator[int]:
    fd = unblocking(reader.writing)
    yield fd
    os.close(fd)


def test_lines_come_out_as_they_went_in(reader: Reader, unblocked: int) -> None:
    complaints = Complaints()
    sink = complaints.sink(unblocked)
    sink.write(b"one")
    sink.write(b"two")
    assert reader.read() == b"one\ntwo\n"
    assert complaints == []


def test_a_pipe_that_nobody_reads_costs_lines_and_no_time_and_is_told_once(reader: Reader, unblocked: int) -> None:
    complaints = Complaints()
    sink = complaints.sink(unblocked)
    for _ in range(100):
        sink.write(b"x" * 99)
        complaints.now += COMPLAIN_SECONDS
    assert complaints == ["cannot write the log: its reader does not keep up; calls go on"]
    assert reader.read() == (b"x" * 99 + b"\n") * 40
    sink.write(b"after")
    assert reader.read() == b"60 dropped\nafter\n"
    sink.write(b"later")
    assert reader.read() == b"later\n"
    assert sink.dropped == 60


def test_a_line_that_is_longer_than_the_pipe_comes_out_whole_or_not_at_all(reader: Reader, unblocked: int) -> None:
    sink = Complaints().sink(unblocked)
    sink.write(b"x" * 10_000)
    sink.write(b"dropped")
    read = reader.read()
    for line in (b"one", b"two", b"three"):
        sink.write(line)
        read += reader.read()
    lines = read.split(b"\n")
    assert lines[0] == b"x" * 10_000
    assert lines[-2] == b"three"
    assert set(lines[1:-2]) <= {b"one", b"two", b"1 dropped", b"2 dropped", b"3 dropped"}


def test_a_slow_reader_is_complained_of_once_a_minute(reader: Reader, unblocked: int) -> None:
    complaints = Complaints()
    sink = complaints.sink(unblocked)

    def fill() -> None:
        for _ in range(100):
            sink.write(b"x" * 99)
        reader.read()
        sink.write(b"")

    fill()
    fill()
    assert len(complaints) == 1
    complaints.now = COMPLAIN_SECONDS
    fill()
    assert len(complaints) == 2


def test_whatever_the_system_says_is_told_and_never_raised(reader: Reader) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    for fd, why in ((full, errno.ENOSPC), (reader.fd, errno.EBADF)):
        complaints = Complaints()
        sink = complaints.sink(fd)
        sink.write(b"one")
        sink.write(b"two")
        assert complaints == [f"cannot write the log: {os.strerror(why)}; calls go on"]
    os.close(full)


def test_a_pipe_is_unblocked_for_the_log_only(reader: Reader, unblocked: int) -> None:
    assert not os.get_blocking(unblocked)
    assert os.get_blocking(reader.writing)


def test_a_file_is_left_as_it_is(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as file:
        assert unblocking(file.fileno()) == file.fileno()


def test_a_closed_descriptor_is_nowhere_and_not_somebody_elses(reader: Reader) -> None:
    copy = os.dup(reader.writing)
    os.close(copy)
    fd = unblocking(copy)
    Complaints().sink(fd).write(b"line")
    assert os.readlink(f"/proc/self/fd/{fd}") == os.devnull
    os.close(fd)
