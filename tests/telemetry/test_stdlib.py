import asyncio
import gc
import logging
import threading
import warnings

import pytest

from service.telemetry.stdlib import MESSAGE_CHARACTERS, Bridge, bridged
from tests.kit.log_schema import Schema
from tests.kit.written import Written, written

grpc_log, otel_log = logging.getLogger("grpc._cython.cygrpc"), logging.getLogger("opentelemetry.sdk.trace")


def only(lines: Written) -> dict[str, object]:
    (line,) = lines.of("library")
    assert list(Schema().wrongs(line)) == []
    del line["timestamp"]
    return line


def test_what_libraries_log_is_a_line_of_ours() -> None:
    with written() as lines, bridged():
        grpc_log.warning("%d channels", 3)
    assert only(lines) == {
        "event": "library",
        "level": "warning",
        "logger": "grpc._cython.cygrpc",
        "message": "3 channels",
    }


def test_less_than_a_warning_is_nobodys_business() -> None:
    with written() as lines, bridged():
        grpc_log.info("hello")
    assert lines == []


def test_exporters_wake_nobody() -> None:
    with written() as lines, bridged():
        otel_log.error("the collector is away")
    assert only(lines)["level"] == "warning"


def test_a_message_is_one_line_bounded_and_its_exception_is_not_quoted() -> None:
    with written() as lines, bridged():
        try:
            raise ValueError("canary")
        except ValueError:
            grpc_log.exception("x" * 1000 + "\ncanary")
    line = only(lines)
    assert line["message"] == "x" * (MESSAGE_CHARACTERS - 1) + "…"
    assert str(line["error"]).startswith("ValueError at ")
    assert "canary" not in str(line)


def test_arguments_that_do_not_fit_cost_the_message_only() -> None:
    record = logging.LogRecord("grpc", logging.ERROR, "file", 1, "%d of %d", ("canary",), None)
    with written() as lines:
        Bridge().emit(record)
    assert only(lines)["message"] == "%d of %d"


def test_a_task_whose_exception_nobody_takes_is_an_error_line() -> None:
    async def fails() -> None:
        raise ValueError("canary")

    async def forgets() -> None:
        task = asyncio.create_task(fails())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        del task
        gc.collect()

    with written() as lines, bridged():
        asyncio.run(forgets())
    line = only(lines)
    assert (line["level"], line["logger"]) == ("error", "asyncio")
    assert line["message"] == "Task exception was never retrieved"
    assert "canary" not in str(line)


def test_warnings_are_lines() -> None:
    with written() as lines, bridged(), warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)  # catch_warnings has put the old way back
        warnings.warn("an old way", DeprecationWarning, stacklevel=1)
    line = only(lines)
    assert (line["logger"], line["level"]) == ("py.warnings", "warning")
    assert str(line["message"]).endswith("DeprecationWarning: an old way")


def test_a_thread_that_dies_is_an_error_line() -> None:
    def dies() -> None:
        raise ValueError("canary")

    with written() as lines, bridged():
        thread = threading.Thread(target=dies)
        thread.start()
        thread.join()
    line = only(lines)
    assert (line["level"], line["message"]) == ("error", "a thread died")
    assert "canary" not in str(line)


def test_an_exception_in_a_finaliser_is_an_error_line() -> None:
    class Bad:
        def __del__(self) -> None:
            raise ValueError("canary")

    with written() as lines, bridged():
        Bad()
        gc.collect()
    line = only(lines)
    assert (line["level"], line["message"]) == ("error", "an exception had nowhere to go")
    assert "canary" not in str(line)


@pytest.mark.parametrize("hook", ["showwarning"])
def test_everything_is_as_before_afterwards(hook: str) -> None:
    before = getattr(warnings, hook), threading.excepthook, logging.getLogger().handlers[:]
    with written(), bridged():
        pass
    assert before == (getattr(warnings, hook), threading.excepthook, logging.getLogger().handlers[:])
