"""Real provider traffic against an independent decoder's reading of it."""

from pathlib import Path
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.kit.recordings import load, paths, reads_of
from tests.providers.openai.folding import WIRE, Said, fold, outcome, streamed

# Where we differ from the other decoder on purpose: the fields, and why.
MADE_UP_ID = (["tool_calls"], "the provider gave no id, and a caller needs one")
READ_CACHE = (["usage"], "we know Databricks' cache_read_input_tokens")
NO_CALL = (["tool_calls"], "an empty function_call beside the answer is no tool call")
DIFFERENT: dict[str, tuple[list[str], str]] = {
    "databricks-json-682bd6edb6e5": READ_CACHE,
    "databricks-stream-2d331c718934": READ_CACHE,
    "databricks-stream-d17aa4652082": READ_CACHE,
    "gemini-json-49cac72ffdaa": MADE_UP_ID,
    "gemini-stream-578b6ad7fffe": MADE_UP_ID,
    "openai-json-037976aea804": (["tool_calls"], "we read a custom tool's name and input"),
    "openai-json-7e1256e9ee29": MADE_UP_ID,
    "openai-stream-60fcb49097b4": (["error"], "a torn fixture: no finish reason, so it was cut off"),
    "openrouter-stream-e6ed3223bb41": (["error"], "an error after `length` only says the same again"),
    "snowflake-json-3de4af7241eb": NO_CALL,
    "snowflake-json-7988deb88136": NO_CALL,
}

PATHS = paths("openai")
recorded = pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem) for path in PATHS]
    or [pytest.param(None, marks=pytest.mark.skip("no recordings: set RECORDINGS to their folder"))],
)


@recorded
def test_a_recording_says_what_it_is_known_to_say(path: Path) -> None:
    recording = load(path)
    assert _differences(recording) == DIFFERENT.get(path.stem, ([], ""))[0]


@recorded
def test_a_recorded_stream_says_the_same_however_it_is_cut(path: Path) -> None:
    recording = load(path)
    body = recording["response"]["body"].encode()
    whole = outcome([body])
    for size in (997, 64, 1 if len(body) < 20_000 else 7):
        assert outcome(body[start : start + size] for start in range(0, len(body), size)) == whole


def test_every_known_difference_is_of_a_recording_that_exists() -> None:
    if not PATHS:
        pytest.skip("no recordings: set RECORDINGS to their folder")
    assert DIFFERENT.keys() <= {path.stem for path in PATHS}


def _differences(recording: dict[str, Any]) -> list[str]:
    expected, response = recording["expected"], recording["response"]
    try:
        said = _said(recording, response["body"].encode())
    except Failure as failure:
        return [] if _is_told(failure, expected["error"]) else ["error"]
    assert said.completed is not None
    found = {
        "text": (said.text, (expected["text"] or "") + (expected["refusal"] or "")),
        "reasoning": (said.reasoning, expected["reasoning"] or ""),
        "tool_calls": (
            said.calls,
            [(c["id"], c["name"], c["arguments_raw"] or "") for c in expected["tool_calls"]],
        ),
        "finish_reason": (said.completed.provider_finish_reason, expected["finish_reason"] or ""),
        "usage": (_counts(said.completed), _expected_counts(expected["usage"])),
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


def _counts(completed: pb.ChatResponse) -> dict[str, int | None] | None:
    if not completed.HasField("usage"):
        return None
    usage = completed.usage
    return {
        "prompt": usage.input_tokens,
        "completion": usage.output_tokens,
        "cached": usage.cached_input_tokens if usage.HasField("cached_input_tokens") else None,
        "cache_write": usage.cache_write_tokens if usage.HasField("cache_write_tokens") else None,
        "reasoning": usage.reasoning_tokens if usage.HasField("reasoning_tokens") else None,
    }


def _expected_counts(usage: dict[str, int | None] | None) -> dict[str, int | None] | None:
    """The provider's numbers, with reasoning put into the completion where it is left out."""
    if usage is None:
        return None
    counts = {name: usage[name] for name in ("prompt", "completion", "cached", "cache_write", "reasoning")}
    said = (usage["prompt"] or 0, usage["completion"] or 0, usage["reasoning"] or 0)
    if said[2] and usage["total"] == sum(said):
        counts["completion"] = said[1] + said[2]
    return counts
