"""Folds the events of a decoder into the message that they say, and holds the decoder to the contract on the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.chat.fold import Fold
from service.providers.anthropic import Anthropic, Dialect
from service.providers.wire import Wire
from tests.fuzz.promise import Promise

WIRE = Anthropic(provider="vendor")
UNSIGNED = Anthropic(Dialect(signatures=False), "vendor")
"""A vendor that signs no thoughts."""


@dataclass(frozen=True, slots=True)
class Said:
    """A whole answer."""

    message: pb.Message
    completed: pb.ChatResponse

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.message.parts)

    @property
    def reasoning(self) -> str:
        return "".join(part.reasoning.text for part in self.message.parts)

    @property
    def calls(self) -> list[tuple[str, str, str]]:
        """Id, name and arguments."""
        calls = [part.tool_call for part in self.message.parts if part.HasField("tool_call")]
        return [(call.id, call.name, call.arguments_json) for call in calls]

    @property
    def states(self) -> dict[int, Any]:
        """What the provider wants back, by part."""
        parts = enumerate(self.message.parts)
        return {place: orjson.loads(part.provider_state.data) for place, part in parts if part.provider_state.data}

    @property
    def blocks(self) -> list[Any]:
        """Blocks of the provider's own kinds."""
        return [orjson.loads(part.provider_block.json) for part in self.message.parts if part.provider_block.json]

    @property
    def kinds(self) -> list[str | None]:
        return [part.WhichOneof("content") for part in self.message.parts]


def fold(events: Iterable[pb.ChatEvent]) -> Said:
    """What the events say. Raises `Broken` where they break what the contract promises."""
    promise, folding, completed = Promise(one_text=False), Fold(), pb.ChatResponse()
    for event in events:
        promise.see([event])
        folding.add(event)
        completed = event.completed
    promise.end()
    return Said(folding.message(), completed)


def streamed(reads: Iterable[bytes], wire: Wire = WIRE) -> list[pb.ChatEvent]:
    """The events of a stream that comes in these reads, as the read loop would ask for them."""
    decoder = wire.stream_decoder(pb.ChatRequest())
    events: list[pb.ChatEvent] = []
    for read in reads:
        events += decoder.feed(read)
        if decoder.done:
            break
    return events + decoder.end()


def whole_outcome(body: bytes, wire: Wire = WIRE) -> Said | str:
    """What a whole answer comes to: what it says, or its failure in words."""
    try:
        return fold(wire.decode(body))
    except Failure as failure:
        return str(failure)


def outcome(reads: Iterable[bytes], wire: Wire = WIRE) -> Said | str:
    """What a stream comes to: what it says, or its failure in words."""
    try:
        return fold(streamed(reads, wire))
    except Failure as failure:
        return str(failure)
