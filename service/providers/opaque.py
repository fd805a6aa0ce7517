"""What only its issuer understands, the state of a part and blocks of a provider's own kind, on its way in and out."""

from collections.abc import Sequence

import orjson

from mainstay import v1 as pb
from service.providers.listener import AnyListener
from service.providers.refusals import invalid
from service.providers.values import Json


def part_state(part: int, issuer: str, data: bytes) -> pb.ChatEvent:
    """The event that tells the state of a part."""
    state = pb.ProviderState(issuer=issuer, data=data)
    return pb.ChatEvent(part_state=pb.PartState(part=part, provider_state=state))


def with_issuer(events: Sequence[pb.ChatEvent], issuer: str) -> Sequence[pb.ChatEvent]:
    """The same events, each tool call with word of who made it: that tells who began a tool loop.

    A state of its own, now or later, says the same and takes its place.
    """
    for event in events:  # as nearly all are: of text
        if event.HasField("tool_call_delta"):
            break
    else:
        return events
    told = {event.part_state.part for event in events if event.HasField("part_state")}
    marked: list[pb.ChatEvent] = []
    for event in events:
        marked.append(event)
        delta = event.tool_call_delta
        if delta.id and delta.part not in told:
            marked.append(part_state(delta.part, issuer, b""))
    return marked


def is_anothers(message: pb.Message, listener: AnyListener) -> bool:
    """Whether the message says who made it, and not that it was this provider; if it says nothing, it may have been."""
    issuers = {part.provider_state.issuer or part.provider_block.issuer for part in message.parts} - {""}
    return bool(issuers) and listener.provider not in issuers


def own_state(part: pb.Part, path: str, listener: AnyListener) -> Json | None:
    """The part's state, a JSON object. None: it has none, or another provider's, which is not even looked at.

    Raises Failure if it is no JSON object.
    """
    state = part.provider_state
    if not state.data or state.issuer != listener.provider:
        return None
    return object_in(state.data, f"{path}.provider_state.data")


def block_of(block: pb.ProviderBlock, path: str, listener: AnyListener) -> Json | None:
    """The block as it came, or None if it is another provider's. Raises Failure if it is not a JSON object."""
    if block.issuer != listener.provider:
        listener.drops(path, "another provider's own block")
        return None
    return object_in(block.json, f"{path}.json")


def object_in(text: str | bytes, path: str) -> Json:
    """The JSON object that the text holds. Raises Failure if it holds none."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as cause:
        raise invalid(path, f"is not JSON ({cause})") from cause
    if not isinstance(value, dict):
        raise invalid(path, "is not a JSON object")
    return value
