"""Puts parts into turns: the roles alternate, the user begins, and the model's first call in a turn is signed."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Literal

from service.providers.gemini.listener import Listener
from service.providers.refusals import unsupported
from service.providers.values import Json

PLACEHOLDER = b64encode(b"skip_thought_signature_validator").decode()
"""Google's own word for a call that it did not sign: another model made it."""
NOTHING = "."
"""Said by the user where the protocol insists that something is said."""


class Turns:
    """The turns so far."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._turns: list[tuple[str, list[Json]]] = []

    def add(self, role: Literal["user", "model"], parts: Sequence[Json]) -> None:
        """More of the role's turn, or a new one; no parts change nothing."""
        if not parts:
            return
        if not self._turns or self._turns[-1][0] != role:
            self._turns.append((role, []))
        self._turns[-1][1].extend(parts)

    def finished(self, path: str) -> list[Json]:
        """The turns as the protocol has them. Raises Failure if the last is the model's; `path` is its message."""
        if not self._turns or self._turns[0][0] == "model":
            self._listener.downgrades("messages", f"with {NOTHING!r} said by the user first, who must begin")
            self._turns.insert(0, ("user", [{"text": NOTHING}]))
        if self._turns[-1][0] == "model":
            raise unsupported(path, "this model does not go on with a turn of its own")
        if self._listener.dialect.signed_calls:
            for role, parts in self._turns:
                if role == "model":
                    _sign_first_call(parts)
        return [{"role": role, "parts": parts} for role, parts in self._turns]


def _sign_first_call(parts: Sequence[Json]) -> None:
    call = next((part for part in parts if "functionCall" in part), {})
    call.setdefault("thoughtSignature", PLACEHOLDER)
