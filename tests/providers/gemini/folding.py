"""Folds the events of a decoder into the parts that they say, and holds the decoder to the contract on the way."""

import json
from collections.abc import Iterable
from typing import Any

from mainstay import v1 as pb
from mainstay.fold import Fold
from service.chat.failures import Failure
from service.providers.gemini import Gemini

WIRE = Gemini(provider="vendor")


def fold(events: Iterable[pb.ChatEvent]) -> pb.ChatResponse:
    """The answer, as a client of ours folds it. Asserts what the contract promises of single events."""
    folding, stated = Fold(), set[int]()
    for number, event in enumerate(events, 1):
        assert event.WhichOneof("event") in _KINDS, "an event that a decoder never sends"
        assert not event.HasField("text_delta") or event.text_delta.text, "an empty text delta"
        assert not event.HasField("reasoning_delta") or event.reasoning_delta.text, "an empty reasoning delta"
        if event.part_state.HasField("provider_state"):
            assert event.part_state.part not in stated, "a state is said twice"
            stated.add(event.part_state.part)
        numbered = pb.ChatEvent()
        numbered.CopyFrom(event)
        numbered.sequence = number
        folding.add(numbered)
    assert folding.response is not None, "no `completed`"
    calls = [part.tool_call for part in folding.response.message.parts if part.HasField("tool_call")]
    assert all(call.id and call.name for call in calls), "a tool call without an id or a name"
    assert len({call.id for call in calls}) == len(calls), "two tool calls of one id"
    assert folding.response.finish_reason
    return folding.response


_KINDS = ("text_delta", "reasoning_delta", "tool_call_delta", "part_state", "completed")


def streamed(reads: Iterable[bytes], *, structured: bool = False) -> list[pb.ChatEvent]:
    """The events of a stream that comes in these reads, as the read loop would ask for them."""
    request = pb.ChatRequest()
    if structured:
        request.response_format.json_object.SetInParent()
    decoder = WIRE.stream_decoder(request)
    events: list[pb.ChatEvent] = []
    for read in reads:
        events += decoder.feed(read)
        if decoder.done:
            break
    return events + decoder.end()


def outcome(reads: Iterable[bytes]) -> pb.ChatResponse | str:
    """What a stream comes to: what it says, or its failure in words."""
    try:
        return fold(streamed(reads))
    except Failure as failure:
        return str(failure)


def whole_outcome(body: bytes) -> pb.ChatResponse | str:
    """What a whole answer comes to: what it says, or its failure in words."""
    try:
        return fold(WIRE.decode(body))
    except Failure as failure:
        return str(failure)


def parts_of(response: pb.ChatResponse) -> list[tuple[Any, ...]]:
    """The parts in short: kind, what is said, and the state if there is one."""
    return [_short(part) for part in response.message.parts]


def _short(part: pb.Part) -> tuple[Any, ...]:
    state = (json.loads(part.provider_state.data),) if part.HasField("provider_state") else ()
    match part.WhichOneof("content"):
        case "text":
            return ("text", part.text, *state)
        case "reasoning":
            return ("withheld" if part.reasoning.redacted else "thought", part.reasoning.text, *state)
        case "tool_call":
            call = part.tool_call
            return ("call", call.id, call.name, json.loads(call.arguments_json), *state)
        case "provider_block":
            return ("block", json.loads(part.provider_block.json), *state)
        case other:
            raise AssertionError(f"a part that no model says: {other}")
