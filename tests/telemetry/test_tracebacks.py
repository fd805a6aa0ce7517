import asyncio
import errno
import sys
from collections.abc import Callable

from service.telemetry.tracebacks import MOST_EXCEPTIONS, MOST_FRAMES, described, stack, summary


def caught(raiser: Callable[[], object]) -> BaseException:
    try:
        raiser()
    except BaseException as error:  # noqa: BLE001 - that is what for
        return error
    raise AssertionError


def reads() -> None:
    int("canary")


def wraps() -> None:
    try:
        reads()
    except ValueError as error:
        raise LookupError("canary") from error


def test_causes_are_told_and_no_message() -> None:
    told = described(caught(wraps))
    assert [one["type"] for one in told] == ["LookupError", "ValueError"]
    assert "canary" not in str(told)
    assert str(told[1]["frames"]).count("in reads") == 1
    assert summary(caught(wraps)).startswith("LookupError at tests/telemetry/test_tracebacks.py:")


def test_members_of_a_group_are_told() -> None:
    def raises() -> None:
        raise BaseExceptionGroup("canary", [caught(reads), KeyError("canary")])

    assert [one["type"] for one in described(caught(raises))] == ["ExceptionGroup", "ValueError", "KeyError"]


def test_an_error_of_the_system_is_told_with_its_name() -> None:
    error = caught(lambda: open("/nonexistent/canary"))  # noqa: SIM115
    assert summary(error).startswith("FileNotFoundError[ENOENT] at ")
    assert summary(OSError(errno.EPIPE, "canary")) == "BrokenPipeError[EPIPE]"


def test_exceptions_of_others_are_told_with_their_module() -> None:
    assert summary(asyncio.QueueEmpty("canary")) == "asyncio.queues.QueueEmpty"


def test_neither_depth_nor_rings_nor_crowds_make_it_long() -> None:
    def deep(levels: int) -> None:
        if levels:
            deep(levels - 1)
        raise ValueError

    ring = caught(lambda: deep(200))
    ring.__cause__ = KeyError()
    ring.__cause__.__cause__ = ring
    told = described(ring)
    assert len(told) == 2
    assert len(told[0]["frames"]) == MOST_FRAMES + 1  # type: ignore[arg-type]
    crowd = described(ExceptionGroup("", [ValueError() for _ in range(100)]))
    assert len(crowd) == MOST_EXCEPTIONS


def test_a_stack_ends_where_the_thread_is() -> None:
    assert stack(sys._getframe())[-1].endswith("in test_a_stack_ends_where_the_thread_is")
