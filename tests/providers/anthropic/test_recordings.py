"""Real provider traffic against an independent decoder's reading of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.kit.recordings import load, paths, reads_of
from tests.providers.anthropic.folding import WIRE, Said, fold, outcome, streamed

PATHS = paths("anthropic")
recorded = pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem) for path in PATHS]
    or [pytest.param(None, marks=pytest.mark.skip("no recordings: set RECORDINGS to their folder"))],
)


@recorded
def test_a_recording_says_what_it_is_known_to_say(path: Path) -> None:
    assert _differences(load(path)) == []


@recorded
def test_a_recorded_stream_says_the_same_however_it_is_cut(path: Path) -> None:
    body = load(path)["response"]["body"].encode()
    whole = outcome([body])
    for size in (997, 64, 1 if len(body) < 20_000 else 7):
        assert outcome(body[start : start + size] for start in range(0, len(body), size)) == whole


@recorded
def test_no_block_of_a_recording_is_lost(path: Path) -> None:
    """Blocks of text without text are the only ones that leave no part."""
    recording = load(path)
    if recording["response"]["status"] == 200:
        said = _said(recording, recording["response"]["body"].encode())
        assert len(said.message.parts) == len(recording["expected"]["blocks"]) - _empty_texts(recording)


def _empty_texts(recording: dict[str, Any]) -> int:
    """Blocks of text that were begun and stopped without a word between."""
    body: str = recording["response"]["body"]
    if not body.lstrip().startswith("event:"):
        return 0
    events = [json.loads(line[5:]) for line in body.splitlines() if line.startswith("data:") and "[DONE]" not in line]
    begun = [e["index"] for e in events if (e.get("content_block") or {}).get("type") == "text"]
    spoken = {e["index"] for e in events if (e.get("delta") or {}).get("text")}
    return len([index for index in begun if index not in spoken])


def _differences(recording: dict[str, Any]) -> list[str]:
    expected, response = recording["expected"], recording["response"]
    try:
        said = _said(recording, response["body"].encode())
    except Failure as failure:
        return [] if _is_told(failure, expected["error"]) else ["error"]
    found = {
        "text": (said.text, expected["text"] or ""),
        "reasoning": (said.reasoning, expected["reasoning"] or ""),
        "tool_calls": (
            [(id, name, _parsed(arguments)) for id, name, arguments in said.calls],
            [(c["id"], c["name"], _parsed(c["arguments_raw"])) for c in expected["tool_calls"]],
        ),
        "finish_reason": (said.completed.provider_finish_reason, expected["finish_reason"] or ""),
        "usage": (_counts(said.completed.usage), _expected_counts(expected["usage"])),
        "error": (None, expected["error"]),
    }
    return [name for name, (ours, theirs) in found.items() if ours != theirs]


def _said(recording: dict[str, Any], body: bytes) -> Said:
    response = recording["response"]
    if response["status"] != 200:
        raise WIRE.failure(response["status"], response["headers"], body)
    return fold(streamed(reads_of(recording)) if recording["stream"] else WIRE.decode(body))


def _is_told(failure: Failure, error: dict[str, Any] | None) -> bool:
    if error is None or failure.kind == pb.FAILURE_KIND_UNKNOWN:
        return False
    if failure.kind == pb.FAILURE_KIND_BAD_CREDENTIALS:
        return error["message"] not in failure.detail
    return " ".join(error["message"].split())[:100] in failure.detail


def _parsed(arguments: str | None) -> object:
    """As JSON, "" as {}; what the limit has cut off as it is."""
    try:
        return json.loads(arguments or "{}")
    except ValueError:
        return arguments


def _counts(usage: pb.Usage) -> dict[str, int | None]:
    return {
        "prompt": usage.input_tokens,
        "completion": usage.output_tokens,
        "cached": usage.cached_input_tokens if usage.HasField("cached_input_tokens") else None,
        "cache_write": usage.cache_write_tokens if usage.HasField("cache_write_tokens") else None,
        "reasoning": usage.reasoning_tokens if usage.HasField("reasoning_tokens") else None,
    }


def _expected_counts(usage: dict[str, int | None]) -> dict[str, int | None]:
    return {name: usage[name] for name in ("prompt", "completion", "cached", "cache_write", "reasoning")}
