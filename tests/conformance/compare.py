"""Compares what came out with what was expected, and notes where another reading is right as well."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.conformance.kinds import sensible_kinds
from tests.conformance.recorded import Recorded
from tests.conformance.told import Called, Told


class Reading(Enum):
    """Where the service reads a recording otherwise than the other decoder, on purpose: which, and why."""

    SUM = "xAI: completion leaves reasoning out and total shows it; the contract's output includes it"
    NAME = "a count under a name that the other decoder does not know, as Databricks' cached tokens"
    NULL = "a counter of null is 0: the contract has no unknown prompt or completion"
    MADE_UP_ID = "a call without an id gets one: a caller must be able to answer it"
    CUSTOM = "a custom tool's name and input are read; the other decoder knows functions only"
    NO_CALL = "an empty function_call beside the answer is no call"
    AFTER_LENGTH = "an error after the finish reason `length` only says the same again"
    BROKE = "a finish reason that says that the provider broke is a failure"
    BAD = "a finish reason of Google's that says that the model failed is a failure"
    BLOCKED = "a prompt that Google blocked was refused, which is a failure"
    TORN = "a stream without a finish reason was cut off, whatever it said"
    EMPTY = "a whole answer in which nothing is said is a failure"
    TAGS = "thoughts between <think> tags, where the provider's row says so, are reasoning and not text"


_BROKE = ("error", "network_error", "insufficient_system_resource")
_BAD = (
    *("MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"),
    *("MISSING_THOUGHT_SIGNATURE", "OTHER"),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that came out wrong."""

    field: str
    expected: object
    got: object


@dataclass(slots=True)
class Comparison:
    """What is wrong, and which readings were granted."""

    differences: list[Difference] = field(default_factory=list)
    granted: set[Reading] = field(default_factory=set)


def compared(recorded: Recorded, told: Told) -> Comparison:
    """One way of asking, against the recording."""
    comparison = Comparison()
    comparison.differences.extend(_differences(recorded, told, comparison.granted))
    return comparison


def _differences(recorded: Recorded, told: Told, granted: set[Reading]) -> Iterator[Difference]:
    expected = recorded.expected
    error = expected.get("error")
    if told.failure:
        yield from _failure(recorded, told, granted)
    elif error and expected.get("finish_reason") != "length":
        yield Difference("error", error, "an answer")
    elif _is_torn(recorded):
        yield Difference("error", "a stream that was cut off", "an answer")
    else:
        if error:
            granted.add(Reading.AFTER_LENGTH)
        yield from _answer(expected, told, granted)


def _failure(recorded: Recorded, told: Told, granted: set[Reading]) -> Iterator[Difference]:
    expected, got = recorded.expected, f"{told.failure}: {told.message}"
    if error := expected.get("error"):
        if told.failure not in (kinds := sensible_kinds(error)):
            yield Difference("error kind", {"error": error, "kinds": sorted(kinds)}, got)
    elif expected.get("finish_reason") in _BROKE and told.failure == "OVERLOADED":
        granted.add(Reading.BROKE)
    elif expected.get("finish_reason") in _BAD and told.failure in ("MALFORMED", "REJECTED_PARAMETER"):
        granted.add(Reading.BAD)
    elif told.failure == "CONTENT_FILTERED" and b'"blockReason' in recorded.body and _is_empty(expected):
        granted.add(Reading.BLOCKED)
    elif (
        _is_empty(expected) and told.failure == "EMPTY" and (expected.get("finish_reason") or not recorded.body.strip())
    ):
        granted.add(Reading.EMPTY)
    elif _is_torn(recorded) and told.failure == "CUT_OFF":
        granted.add(Reading.TORN)
    else:
        yield Difference("error", None, got)


def _is_torn(recorded: Recorded) -> bool:
    """A stream without a finish reason, unless it counted its tokens and said [DONE]."""
    expected = recorded.expected
    whole = expected.get("finish_reason") or (expected.get("usage") and b"[DONE]" in recorded.body[-64:])
    return recorded.streamed and not whole and not expected.get("error")


def _is_empty(expected: Mapping[str, Any]) -> bool:
    said = any(expected.get(name) for name in ("text", "reasoning", "tool_calls", "refusal"))
    return not said and expected.get("finish_reason") not in ("length", "content_filter")


def _answer(expected: Mapping[str, Any], told: Told, granted: set[Reading]) -> Iterator[Difference]:
    text = (expected.get("text") or "") + (expected.get("refusal") or "")
    reasoning = expected.get("reasoning") or ""
    if text.lstrip().startswith("<think>") and told.reasoning and not reasoning:
        granted.add(Reading.TAGS)
        thoughts, _, text = text.lstrip().removeprefix("<think>").partition("</think>")
        reasoning, text = thoughts, text.lstrip()
    if told.text != text:
        yield Difference("text", text, told.text)
    if told.reasoning != reasoning:
        yield Difference("reasoning", reasoning, told.reasoning)
    if told.finish != str(expected.get("finish_reason") or ""):  # Google's may be a number
        yield Difference("finish_reason", expected.get("finish_reason"), told.finish)
    yield from _calls(expected.get("tool_calls") or [], told.calls, granted)
    yield from _usage(expected, told.usage, granted)


def _calls(expected: list[Mapping[str, Any]], told: list[Called], granted: set[Reading]) -> Iterator[Difference]:
    calls = [call for call in expected if call.get("name") or not call.get("legacy_function_call")]
    if len(calls) < len(expected):
        granted.add(Reading.NO_CALL)
    told_ids = [call.id for call in told]
    made_up = [ours.id for call, ours in zip(calls, told, strict=False) if not call.get("id")]
    clear = all(call.id and call.name for call in told) and not any(told_ids.count(id) > 1 for id in made_up)
    if (
        len(calls) != len(told)
        or not clear
        or not all(_is_same(call, ours, granted) for call, ours in zip(calls, told, strict=True))
    ):
        yield Difference("tool_calls", calls, [(call.id, call.name, call.arguments) for call in told])


def _is_same(expected: Mapping[str, Any], told: Called, granted: set[Reading]) -> bool:
    if not expected.get("id"):
        granted.add(Reading.MADE_UP_ID)
    elif told.id != expected["id"]:
        return False
    if not expected.get("name"):
        granted.add(Reading.CUSTOM)
        return True
    return told.name == expected["name"] and _arguments(told.arguments) == _arguments(expected.get("arguments_raw"))


def _arguments(raw: str | None) -> object:
    """Parsed where they are JSON, "" as {}; else as they are."""
    try:
        return json.loads(raw or "{}")
    except ValueError:
        return raw


def _usage(
    recording: Mapping[str, Any], told: dict[str, int | None] | None, granted: set[Reading]
) -> Iterator[Difference]:
    said: Mapping[str, Any] = recording.get("usage") or {}
    counted = any(said.get(name) is not None for name in ("prompt", "completion"))
    if not counted or told is None:
        if counted != (told is not None):
            yield Difference("usage", said, told)
        return
    for name, got in told.items():
        count = _sum(said) if name == "completion" and _leaves_reasoning_out(said) else said.get(name)
        if count != said.get(name):
            granted.add(Reading.SUM)
        if got == count:
            continue
        if reading := _reading(name, got, said, recording.get("usage_raw") or {}):
            granted.add(reading)
        else:
            yield Difference(f"usage.{name}", count, got)


def _leaves_reasoning_out(said: Mapping[str, Any]) -> bool:
    return bool(said.get("reasoning")) and said.get("total") == (said.get("prompt") or 0) + _sum(said)


def _sum(said: Mapping[str, Any]) -> int:
    return int((said.get("completion") or 0) + (said.get("reasoning") or 0))


def _reading(name: str, got: int | None, said: Mapping[str, Any], raw: Mapping[str, Any]) -> Reading | None:
    if said.get(name) is not None:
        return None
    if name in ("prompt", "completion") and got == 0:
        return Reading.NULL
    return Reading.NAME if got is not None and got in _counts(raw, name) else None


def _counts(raw: Mapping[str, Any], name: str) -> list[object]:
    """What the provider counted under any name like that, at any depth."""
    found = [value for key, value in raw.items() if name[:5] in key]
    return found + [count for value in raw.values() if isinstance(value, dict) for count in _counts(value, name)]
