import threading
from contextlib import suppress

from service.telemetry.turns import Turns


def test_a_line_that_comes_while_one_is_written_is_written_after_it() -> None:
    """As a finaliser does, in the same thread: it must neither garble the line nor wait for itself."""
    out: list[bytes] = []

    def write(line: bytes) -> None:
        if line == b"one":
            turns(b"two")
        out.append(line)

    turns = Turns(write)
    turns(b"one")
    assert out == [b"one", b"two"]


def test_nobody_waits_for_another_thread_and_no_line_is_lost() -> None:
    out: list[bytes] = []
    began, go_on = threading.Event(), threading.Event()

    def write(line: bytes) -> None:
        out.append(line)
        if line == b"slow":
            began.set()
            go_on.wait(5)

    turns = Turns(write)
    thread = threading.Thread(target=turns, args=(b"slow",))
    thread.start()
    began.wait(5)
    turns(b"quick")  # would deadlock here if it waited
    go_on.set()
    thread.join()
    assert out == [b"slow", b"quick"]


def test_many_threads_write_whole_lines_one_at_a_time() -> None:
    inside, most, out = [0], [0], []

    def write(line: bytes) -> None:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        out.append(line)
        inside[0] -= 1

    turns = Turns(write)

    def write_often() -> None:
        for _ in range(1000):
            turns(b"x")

    threads = [threading.Thread(target=write_often) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(out), most[0]) == (8000, 1)


def test_a_writer_that_fails_does_not_keep_the_turn() -> None:
    out: list[bytes] = []

    def write(line: bytes) -> None:
        out.append(line)
        if line == b"bad":
            raise OSError

    turns = Turns(write)
    with suppress(OSError):
        turns(b"bad")
    turns(b"good")
    assert out == [b"bad", b"good"]
