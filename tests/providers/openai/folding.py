"""Folds the events of a decoder into what they say, and holds the decoder to the contract on the way."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.openai import OpenAI
from service.providers.openai.dialect import Dialect
from service.providers.wire import Wire

WIRE = OpenAI(provider="vendor")
TAGGED = OpenAI(Dialect(think_tags=True), "vendor")
"""A vendor whose thoughts stand between tags."""


@dataclass
class Said:
    """A whole answer."""

    text: str = ""
    reasoning: str = ""
    calls: list[tuple[str, str, str]] = field(default_factory=list)
    """Id, name and arguments, in the order of their parts."""
    states: dict[int, dict[str, Any]] = field(default_factory=dict)
    """What the provider wants back, by part."""
    blocks: list[dict[str, Any]] = field(default_factory=list)
    completed: pb.ChatResponse | None = None


def fold(events: Iterable[pb.ChatEvent]) -> Said:
    """What the events say. Asserts what the contract promises of their order."""
    said = Said()
    parts: dict[int, str | None] = {}
    calls: dict[int, tuple[str, str, str]] = {}
    for event in events:
        assert said.completed is None, "an event after `completed`"
        kind: str | None = event.WhichOneof("event")
        match event.WhichOneof("event"):
            case "text_delta":
                assert event.text_delta.text, "an empty text delta"
                said.text += event.text_delta.text
                part = event.text_delta.part
            case "reasoning_delta":
                assert event.reasoning_delta.text, "an empty reasoning delta"
                said.reasoning += event.reasoning_delta.text
                part = event.reasoning_delta.part
            case "tool_call_delta":
                part = event.tool_call_delta.part
                calls[part] = _grown(calls.get(part), event.tool_call_delta)
            case "part_state":
                part = event.part_state.part
                kind = _keep(event.part_state, said) or parts.get(part, "reasoning_delta")
            case "completed":
                said.completed = event.completed
                continue
            case _:
                raise AssertionError(f"an event that a decoder never sends: {kind}")
        assert parts.setdefault(part, kind) == kind, "a part of two kinds"
    assert sorted(parts) == list(range(len(parts))), "parts are not numbered from 0"
    assert len([kind for kind in parts.values() if kind == "text_delta"]) <= 1
    said.calls = [calls[part] for part in sorted(calls)]
    return said


def _keep(state: pb.PartState, said: Said) -> str:
    """Notes the state of a part, or a block; returns the kind of the part, "" if the state does not tell."""
    if state.HasField("provider_block"):
        assert state.provider_block.issuer == WIRE.provider
        said.blocks.append(json.loads(state.provider_block.json))
        return "provider_block"
    assert state.provider_state.issuer == WIRE.provider
    assert state.part not in said.states, "a state is said twice"
    said.states[state.part] = json.loads(state.provider_state.data)
    return ""


def _grown(call: tuple[str, str, str] | None, delta: pb.ToolCallDelta) -> tuple[str, str, str]:
    if call is None:
        assert delta.id, "a tool call begins without an id"
        assert delta.name, "a tool call begins without a name"
        return delta.id, delta.name, delta.arguments_json
    assert not delta.id, "an id is said twice"
    assert not delta.name, "a name is said twice"
    return call[0], call[1], call[2] + delta.arguments_json


def streamed(reads: Iterable[bytes], wire: Wire = WIRE) -> list[pb.ChatEvent]:
    """The events of a stream that comes in these reads, as the read loop would ask for them."""
    decoder = wire.stream_decoder(pb.ChatRequest())
    events: list[pb.ChatEvent] = []
    for read in reads:
        events += decoder.feed(read)
        if decoder.done:
            break
    return events + decoder.end()


def whole_outcome(body: bytes) -> Said | str:
    """What a whole answer comes to: what it says, or its failure in words."""
    try:
        return fold(WIRE.decode(body))
    except Failure as failure:
        return str(failure)


def outcome(reads: Iterable[bytes], wire: Wire = WIRE) -> Said | str:
    """What a stream comes to: what it says, or its failure in words."""
    try:
        return fold(streamed(reads, wire))
    except Failure as failure:
        return str(failure)
