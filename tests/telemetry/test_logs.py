import json
import traceback
from dataclasses import dataclass
from typing import Any

import pytest
import structlog

from service.config import Secret
from service.telemetry.logs import as_json
from tests.kit.written import written

log = structlog.get_logger()


@dataclass
class Question:
    text: str


def raise_and_log() -> None:
    try:
        dict[str, str]()["canary"]
    except KeyError:
        log.exception("a call met a bug", request_id="r")


@pytest.mark.parametrize("value", ["é 你好", "half \ud83d", 1 << 70, object(), {"a": {1, 2}}, float("inf")])
def test_a_line_is_written_whatever_is_in_it(value: object) -> None:
    line: dict[str, Any] = json.loads(as_json(None, "info", {"event": "x", "value": value}))
    assert line["event"] == "x"
    assert "value" in line


@pytest.mark.parametrize("people", [True, False])
@pytest.mark.parametrize("value", [Question("canary"), Secret("canary"), [Question("canary")][0:1].__iter__()])
def test_of_an_object_only_its_kind_is_written(value: object, *, people: bool) -> None:
    with written(people=people) as lines:
        log.info("x", value=value)
    (line,) = lines
    assert b"canary" not in line
    assert type(value).__name__.encode() in line


@pytest.mark.parametrize("people", [True, False])
def test_of_an_exception_the_line_says_which_and_where_and_not_what_it_says(*, people: bool) -> None:
    with written(people=people) as lines:
        raise_and_log()
    (line,) = lines
    assert b"canary" not in line
    assert b"KeyError at tests/telemetry/test_logs.py:" in line
    assert b" in raise_and_log" in line


def test_a_line_that_half_a_surrogate_spoils_keeps_its_time() -> None:
    with written() as lines:
        log.info("x", value="half \ud83d")
    (line,) = lines.of("x")
    assert line["timestamp"].startswith("20")


def test_a_level_below_the_least_is_not_written() -> None:
    with written("warning") as lines:
        log.info("x")
        log.warning("y")
    assert [json.loads(line)["event"] for line in lines] == ["y"]


def test_credentials_never_leave_in_a_line_however_they_got_into_it() -> None:
    with written(credentials=["sk-canary-1234"]) as lines:
        log.info("x", why="401 for sk-canary-1234", **{"sk-canary-1234": 1})
        try:
            raise ValueError("sk-canary-1234")
        except ValueError:
            log.exception("y", text=traceback.format_exc())
    assert b"canary" not in b"".join(lines)
    assert lines.of("x")[0]["why"] == "401 for ***"


@pytest.mark.parametrize("steering", ["\x1b[31m", "\x9b31m", "\u202e", "\u2066", "\x85"])
def test_what_would_steer_a_terminal_is_shown_and_not_obeyed(steering: str) -> None:
    with written(people=True) as lines:
        log.info("call", model=f"a{steering}b", failed=[f"p/{steering} OVERLOADED"], caller="你好 é")
    (line,) = lines
    assert steering not in line.decode().replace("\x1b[0m", "").split("call", 1)[1].replace("\x1b[35m", "")
    assert repr(steering)[1:-1] in line.decode()
    assert "你好 é" in line.decode()
