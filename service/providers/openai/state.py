"""Gives a provider back what it told us to keep: the state of its parts.

The state of a part is a JSON object. Its members stood, and stand again, in the assistant message (reasoning, text) or
in the one tool call that the part is: `{"reasoning_details": […]}`, `{"extra_content": {…}}`.
"""

from mainstay import v1 as pb
from service.providers.opaque import own_state
from service.providers.openai.listener import Listener
from service.providers.values import Json


def add_state(said: Json, part: pb.Part, path: str, listener: Listener) -> None:
    """Puts the members of the part's state into what was said; lists go on, and nothing said is replaced.

    The state of another provider is not even looked at. Raises Failure for a state that is not a JSON object.
    """
    for name, value in (own_state(part, path, listener) or {}).items():
        before = said.setdefault(name, value)
        if before is not value and isinstance(before, list) and isinstance(value, list):
            said[name] = [*before, *value]
