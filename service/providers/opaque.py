"""What only its issuer understands, the state of a part and blocks of a provider's own kind, on its way in and out."""

import orjson

from mainstay import v1 as pb
from service.providers.listener import AnyListener
from service.providers.refusals import invalid
from service.providers.values import Json


def part_state(part: int, issuer: str, data: bytes) -> pb.ChatEvent:
    """The event that tells the state of a part."""
    state = pb.ProviderState(issuer=issuer, data=data)
    return pb.ChatEvent(part_state=pb.PartState(part=part, provider_state=state))


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
