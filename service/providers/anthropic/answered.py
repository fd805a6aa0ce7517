"""Sees to it that every tool call has its result in the turn behind it, which the protocol insists on."""

from collections.abc import Iterator

from service.providers.anthropic.listener import Listener
from service.providers.anthropic.turns import ASSISTANT, USER, Turn
from service.providers.values import Json

_LOST = "The result of this call was lost."


def answer_all(turns: list[Turn], listener: Listener) -> None:
    """Puts an error where a result is missing, and a turn of the user's where there is none for it."""
    place = 0
    while place < len(turns):
        turn = turns[place]
        place += 1
        calls = list(_ids(turn, "tool_use", "id")) if turn.role == ASSISTANT else []
        if not calls:
            continue
        if place == len(turns):
            turns.append(Turn(USER))
        answered = set(_ids(turns[place], "tool_result", "tool_use_id"))
        missing = [call for call in calls if call not in answered]
        if missing:
            listener.downgrades("messages", "with an error for each tool call whose result is missing")
            turns[place].blocks[:0] = [_lost(call) for call in missing]


def _ids(turn: Turn, kind: str, name: str) -> Iterator[object]:
    return (block[name] for block in turn.blocks if block.get("type") == kind and name in block)


def _lost(call: object) -> Json:
    return {"type": "tool_result", "tool_use_id": call, "content": _LOST, "is_error": True}
