"""Gives a provider back what it told us to keep: the state of its parts, and blocks of its own kind.

The state of a part is a JSON object. Its members stood, and stand again, in the assistant message (reasoning, text) or
in the one tool call that the part is: `{"reasoning_details": […]}`, `{"extra_content": {…}}`.
"""

import orjson

from mainstay import v1 as pb
from service.providers.openai.listener import Listener
from service.providers.openai.refusals import invalid
from service.providers.openai.values import Json


def add_state(said: Json, part: pb.Part, path: str, listener: Listener) -> None:
    """Puts the members of the part's state into what was said; lists go on, and nothing said is replaced.

    The state of another provider is not even looked at. Raises Failure for a state that is not a JSON object.
    """
    state = part.provider_state
    if not state.data or state.issuer != listener.provider:
        return
    for name, value in object_in(state.data, f"{path}.provider_state.data").items():
        before = said.setdefault(name, value)
        if before is not value and isinstance(before, list) and isinstance(value, list):
            said[name] = [*before, *value]


def block_of(block: pb.ProviderBlock, path: str, listener: Listener) -> Json | None:
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
