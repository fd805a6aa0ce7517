"""The replay of recordings finds what is wrong, and a sample of them comes out right."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.__main__ import FAILED, PASSED, main
from tests.conformance.compare import Reading, compared
from tests.conformance.kinds import sensible_kinds
from tests.conformance.recorded import Recorded, files, read
from tests.conformance.replay import pieces
from tests.conformance.told import Called, Told
from tests.kit.recordings import FOLDER

USAGE = {"prompt": 7, "completion": 2, "total": 9, "cached": None, "cache_write": None, "reasoning": None}
EXPECTED = {
    "text": "你好",
    "reasoning": "hm",
    "tool_calls": [{"id": "a", "name": "f", "arguments_raw": '{"x": 1}'}],
    "finish_reason": "stop",
    "usage": USAGE,
    "error": None,
}
TOLD = Told(
    "你好", "hm", [Called("a", "f", '{"x":1}')], "stop", {name: USAGE[name] for name in USAGE if name != "total"}
)
ANSWER = {
    "choices": [
        {
            "message": {
                "content": "你好",
                "reasoning_content": "hm",
                "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": '{"x": 1}'}}],
            },
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9},
}


def file(folder: Path, id: str, **changes: Any) -> None:
    response = {"status": 200, "headers": {}, "body": json.dumps(ANSWER), "content_type": "application/json"}
    recorded = {
        "id": id,
        "provider": "vendor",
        "protocol": "openai",
        "stream": False,
        "response": response,
        "expected": EXPECTED,
        "quirks": [],
    }
    (folder / f"{id}.json").write_text(json.dumps(recorded | changes))


def recorded(body: str = "", *, streamed: bool = False, **expected: Any) -> Recorded:
    return Recorded("id", "vendor", "openai", streamed, 200, {}, body.encode(), EXPECTED | expected, suspect=False)


def run(folder: Path, *arguments: str) -> int:
    return main(["--recordings", str(folder), "--report", str(folder / "report.jsonl"), *arguments])


def test_a_sample_of_the_recordings_comes_out_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not FOLDER.is_dir():
        pytest.skip(f"no recordings in {FOLDER.name}/: set RECORDINGS to where they are")
    sample = list(files(FOLDER))[::8]
    for path in sample:
        (tmp_path / path.name).symlink_to(path)
    assert run(tmp_path) == PASSED, capsys.readouterr().out


def test_every_file_counts_once_and_one_that_cannot_be_read_has_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    below = tmp_path / "below"
    below.mkdir()
    file(below, "good")
    file(tmp_path, "invented", quirks=["suspect:hand-edited"])
    file(tmp_path, "another", protocol="telegraph")
    file(tmp_path, "wrong", expected=EXPECTED | {"text": "something else"})
    (tmp_path / "torn.json").write_text('{"id": ')
    (tmp_path / "index.jsonl").write_text("{}")
    assert run(tmp_path) == FAILED
    assert capsys.readouterr().out.splitlines()[-1] == "conformance: 1/3 33.33%"
    differences = [json.loads(line) for line in (tmp_path / "report.jsonl").read_text().splitlines()]
    assert sorted((line["id"], line["field"], line["got"]) for line in differences if line["id"] == "wrong") == [
        ("wrong", "text", "你好")
    ]
    assert {line["id"] for line in differences} == {"wrong", "torn"}


def test_where_nothing_counts_nothing_is_proven(tmp_path: Path) -> None:
    assert run(tmp_path) == FAILED
    file(tmp_path, "another", protocol="telegraph")
    assert run(tmp_path) == FAILED


def test_the_same_answer_is_no_difference() -> None:
    comparison = compared(recorded(), TOLD)
    assert (comparison.differences, comparison.granted) == ([], set())


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (replace(TOLD, text="你"), "text"),
        (replace(TOLD, reasoning=""), "reasoning"),
        (replace(TOLD, finish="length"), "finish_reason"),
        (replace(TOLD, calls=[]), "tool_calls"),
        (replace(TOLD, calls=[Called("b", "f", '{"x":1}')]), "tool_calls"),
        (replace(TOLD, calls=[Called("a", "g", '{"x":1}')]), "tool_calls"),
        (replace(TOLD, calls=[Called("a", "f", '{"x":2}')]), "tool_calls"),
        (replace(TOLD, calls=TOLD.calls * 2), "tool_calls"),
        (replace(TOLD, usage=None), "usage"),
        (replace(TOLD, usage={**USAGE, "cached": 1}), "usage.cached"),
        (replace(TOLD, usage={**USAGE, "completion": 3}), "usage.completion"),
        (Told(failure="OVERLOADED"), "error"),
    ],
)
def test_every_field_is_compared(told: Told, field: str) -> None:
    assert [difference.field for difference in compared(recorded(), told).differences] == [field]


@pytest.mark.parametrize(
    ("recording", "right", "wrong", "reading"),
    [
        (
            recorded(usage=USAGE | {"reasoning": 5, "total": 14}),
            replace(TOLD, usage={"completion": 7}),
            replace(TOLD, usage={"completion": 2}),
            Reading.SUM,
        ),
        (
            recorded(tool_calls=[{"id": "", "name": "f", "arguments_raw": ""}]),
            replace(TOLD, calls=[Called("call_1", "f", "{}")]),
            replace(TOLD, calls=[Called("", "f", "{}")]),
            Reading.MADE_UP_ID,
        ),
        (recorded(streamed=True, finish_reason=None, usage=None), Told(failure="CUT_OFF"), TOLD, Reading.TORN),
        (
            recorded(text="<think>a</think>b", reasoning=""),
            replace(TOLD, text="b", reasoning="a"),
            replace(TOLD, text="b"),
            Reading.TAGS,
        ),
    ],
)
def test_another_reading_is_granted_where_it_is_right_and_only_there(
    recording: Recorded, right: Told, wrong: Told, reading: Reading
) -> None:
    comparison = compared(recording, right)
    assert (comparison.differences, comparison.granted) == ([], {reading})
    assert compared(recording, wrong).differences


@pytest.mark.parametrize(
    ("error", "right", "wrong"),
    [
        ({"status": 401, "code": None, "type": None}, "BAD_CREDENTIALS", "OVERLOADED"),
        ({"status": 400, "code": "context_length_exceeded", "type": None}, "CONTEXT_TOO_LONG", "INVALID_REQUEST"),
        ({"status": 200, "code": 502, "type": None}, "OVERLOADED", "RATE_LIMITED"),
        ({"status": 200, "code": None, "type": None}, "OVERLOADED", "CUT_OFF"),
        ({"status": 503, "code": None, "type": None}, "OVERLOADED", "UNKNOWN"),
    ],
)
def test_an_error_is_to_become_a_sensible_kind(error: dict[str, Any], right: str, wrong: str) -> None:
    assert right in sensible_kinds(error)
    assert compared(recorded(error=error), Told(failure=right)).differences == []
    assert compared(recorded(error=error), Told(failure=wrong)).differences
    assert compared(recorded(error=error), TOLD).differences


def test_a_body_is_cut_the_same_way_every_time_and_inside_a_character() -> None:
    body = recorded("a" * 1000 + "你" + "b" * 1000)
    cut = list(pieces(body))
    assert b"".join(cut) == body.body
    assert cut == list(pieces(body))
    assert len(cut) > 2
    assert any(piece[0] & 0xC0 == 0x80 for piece in cut)
    assert list(pieces(recorded())) == []


def test_a_file_without_what_is_needed_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"id": "x", "provider": "p"}')
    assert "KeyError" in str(read(tmp_path / "x.json"))
