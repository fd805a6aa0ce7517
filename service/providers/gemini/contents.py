"""Writes the conversation in the protocol's words: `systemInstruction` and turns of user and model."""

from collections.abc import Sequence
from itertools import takewhile

from mainstay import v1 as pb
from service.providers.fitting import expect_fitting
from service.providers.gemini.listener import Listener
from service.providers.gemini.media import media_of
from service.providers.gemini.results import Call, results_of
from service.providers.gemini.said import assistants_part
from service.providers.gemini.turns import Turns
from service.providers.refusals import invalid
from service.providers.tool_loops import Asked, asked_in
from service.providers.values import Json

_ROLES = frozenset({pb.ROLE_SYSTEM, pb.ROLE_USER, pb.ROLE_ASSISTANT, pb.ROLE_TOOL})


def conversation_of(messages: Sequence[pb.Message], instructions: Sequence[str], listener: Listener) -> Json:
    """Every message as the protocol has it. Raises Failure.

    System messages at the beginning and the instructions become `systemInstruction`; later ones are said by the user.
    """
    for place, message in enumerate(messages):
        _expect_sensible(message, f"messages[{place}]")
    standing = list(takewhile(lambda message: message.role == pb.ROLE_SYSTEM, messages))
    texts = [part.text for message in standing for part in message.parts if part.text]
    system = [{"text": text} for text in (*texts, *instructions)]
    for place, message in enumerate(messages):
        if message.name:
            listener.drops(f"messages[{place}].name", "turns have no names in this protocol")
    contents = _contents(messages, len(standing), listener)
    return ({"systemInstruction": {"parts": system}} if system else {}) | {"contents": contents}


def _contents(messages: Sequence[pb.Message], start: int, listener: Listener) -> list[Json]:
    turns, asked = Turns(listener), asked_in(messages, None, listener)
    calls: list[Call] = []
    """Of the model's turn, until their results follow it."""
    for place, message in enumerate(messages[start:], start):
        path = f"messages[{place}]"
        if message.role == pb.ROLE_ASSISTANT:
            calls += _add_assistants(turns, message, path, asked.get(place, ()), listener)
            continue
        if calls:
            turns.add("user", results_of(calls, listener))
            calls = []
        if message.role == pb.ROLE_SYSTEM:
            listener.downgrades(path, "said by the user: standing instructions come first in this protocol")
        if message.role != pb.ROLE_TOOL:
            turns.add("user", _users_parts(message, path, listener))
    return turns.finished(f"messages[{len(messages) - 1}]")


def _add_assistants(
    turns: Turns, message: pb.Message, path: str, asked: Sequence[Asked], listener: Listener
) -> list[Call]:
    calls: list[Call] = []
    for index, part in enumerate(message.parts):
        said = assistants_part(part, f"{path}.parts[{index}]", listener)
        if said is None:
            continue
        turns.add("model", [said])
        if part.HasField("tool_call"):
            calls.append(Call(asked[len(calls)], said["functionCall"]))
    return calls


def _users_parts(message: pb.Message, path: str, listener: Listener) -> list[Json]:
    parts: list[Json] = []
    for index, part in enumerate(message.parts):
        where = f"{path}.parts[{index}]"
        match part.WhichOneof("content"):
            case "image":
                parts.append(media_of(part.image, "image", f"{where}.image", listener))
            case "file":
                parts.append(media_of(part.file, "file", f"{where}.file", listener))
            case _:
                parts += [{"text": part.text}] if part.text else []
    return parts


def _expect_sensible(message: pb.Message, path: str) -> None:
    """Raises Failure for a role that is none and for a part that has no place in a message of that role."""
    if message.role not in _ROLES:
        raise invalid(f"{path}.role", "is not set")
    for index, part in enumerate(message.parts):
        expect_fitting(message.role, part, f"{path}.parts[{index}]")
