"""Real provider traffic against an independent decoder's reading of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from mainstay import v1 as pb
from service.chat.failures import Failure
from tests.kit.recordings import load, paths
from tests.providers.gemini.folding import WIRE, fold, outcome, streamed

# Where we differ from the other decoder on purpose: what we make of it, and why.
BAD = ("MALFORMED", "the model failed, and said so with its finish reason")
BLOCKED = ("CONTENT_FILTERED", "the prompt was refused")
DIFFERENT: dict[str, tuple[str, str]] = {
    "gemini-json-2b875208394f": BAD,
    "gemini-json-3c4bd97d5214": BAD,
    "gemini-json-a325340dd31a": BLOCKED,
    "gemini-stream-03602fa9136f": BLOCKED,
    "gemini-stream-d34523b12cd7": BAD,
    "vertex-json-4b6caed0d1da": BLOCKED,
    "vertex-json-da2491c2f747": BAD,
    "vertex-stream-1fdd440fe45c": ("CUT_OFF", "a stream that says nothing and gives no finish reason"),
}

recorded = pytest.mark.parametrize(
    "path",
    [pytest.param(path, id=path.stem) for path in paths("gemini")]
    or [pytest.param(None, marks=pytest.mark.skip("no recordings: set RECORDINGS to their folder"))],
)


@recorded
def test_a_recording_says_what_it_is_known_to_say(path: Path) -> None:
    recording = load(path)
    expected = recording["expected"]
    said = _outcome(recording)
    if isinstance(said, Failure):
        assert said.reason in _reasons(path.stem, expected["error"], said)
        return
    assert path.stem not in DIFFERENT
    assert expected["error"] is None
    assert "".join(part.text for part in said.message.parts) == expected["text"]
    assert "".join(part.reasoning.text for part in said.message.parts) == expected["reasoning"]
    assert said.provider_finish_reason == str(expected["finish_reason"] or "")
    assert _calls(said) == [(call["name"], call["arguments"]) for call in expected["tool_calls"]]
    assert _counts(said) == _expected_counts(expected["usage"])


@recorded
def test_a_recorded_stream_says_the_same_however_it_is_cut(path: Path) -> None:
    body = load(path)["response"]["body"].encode()
    whole = outcome([body])
    for size in (997, 64, 1):
        assert outcome(body[start : start + size] for start in range(0, len(body), size)) == whole


def test_every_known_difference_is_of_a_recording_that_exists() -> None:
    assert not paths("gemini") or DIFFERENT.keys() <= {path.stem for path in paths("gemini")}


def _outcome(recording: dict[str, Any]) -> pb.ChatResponse | Failure:
    response = recording["response"]
    body = response["body"].encode()
    if response["status"] != 200:
        return WIRE.failure(response["status"], response["headers"], body)
    try:
        return fold(streamed([body]) if recording["stream"] else WIRE.decode(body))
    except Failure as failure:
        return failure


def _reasons(name: str, error: dict[str, Any] | None, failure: Failure) -> list[str]:
    """What the recording may fail with: any kind that says something, if it says what the provider said."""
    if error is None:
        return [DIFFERENT[name][0]]
    told = error["message"][:80].strip() in failure.detail or failure.reason == "BAD_CREDENTIALS"
    return [failure.reason] if told and failure.reason != "UNKNOWN" else []


def _calls(said: pb.ChatResponse) -> list[tuple[str, Any]]:
    calls = [part.tool_call for part in said.message.parts if part.HasField("tool_call")]
    return [(call.name, json.loads(call.arguments_json)) for call in calls]


def _counts(said: pb.ChatResponse) -> dict[str, int | None] | None:
    if not said.HasField("usage"):
        return None
    usage = said.usage
    return {
        "prompt": usage.input_tokens,
        "completion": usage.output_tokens,
        "cached": usage.cached_input_tokens if usage.HasField("cached_input_tokens") else None,
        "reasoning": usage.reasoning_tokens if usage.HasField("reasoning_tokens") else None,
    }


def _expected_counts(usage: dict[str, int | None] | None) -> dict[str, int | None] | None:
    if usage is None:
        return None
    return {
        "prompt": usage["prompt"] or 0,
        "completion": usage["completion"] or 0,
        "cached": usage["cached"],
        "reasoning": usage["reasoning"],
    }
