"""Writes the conversation: standing instructions apart, then turns of the user and of the assistant in alternation."""

from collections.abc import Mapping, Sequence

from mainstay import v1 as pb
from service.providers.anthropic.blocks import Blocks
from service.providers.anthropic.listener import Listener
from service.providers.anthropic.results import results_of
from service.providers.anthropic.turns import ASSISTANT, USER, Side, Turn, Turns
from service.providers.call_ids import IdShape
from service.providers.refusals import invalid, unsupported
from service.providers.tool_loops import Asked, asked_in
from service.providers.values import Json

CALL_IDS = IdShape(letters="a-zA-Z0-9_-", most=64)
"""The length is Bedrock's bound; none of Anthropic's own is known."""
_MOST_BREAKPOINTS = 4
_SIDES: Mapping[pb.Role.ValueType, Side] = {
    pb.ROLE_SYSTEM: USER,
    pb.ROLE_USER: USER,
    pb.ROLE_ASSISTANT: ASSISTANT,
    pb.ROLE_TOOL: USER,
}


def conversation_of(messages: Sequence[pb.Message], instruction: str, listener: Listener) -> Json:
    """`system` and `messages`. Raises Failure. The instruction, unless empty, follows the standing ones."""
    asked = asked_in(messages, CALL_IDS, listener)
    blocks, turns = Blocks(listener), Turns()
    system: list[Json] = []
    open_calls: list[Asked] = []
    """Of the turn, until its results follow."""
    for place, message in enumerate(messages):
        path = f"messages[{place}]"
        _check(message, path, listener)
        said = blocks.of(message, path, asked.get(place, ()))
        if message.role == pb.ROLE_SYSTEM and not turns.begun:
            system += said
            continue
        if message.role == pb.ROLE_SYSTEM:
            listener.downgrades(f"{path}.role", "said by the user: here instructions stand at the beginning")
        if open_calls and message.role != pb.ROLE_ASSISTANT:
            turns.add(USER, results_of(open_calls, listener))
            open_calls = []
        turns.add(_SIDES[message.role], said)
        open_calls += asked.get(place, ())
    if instruction:
        system.append({"type": "text", "text": instruction})
    finished = turns.finished(listener)
    _check_end(finished, len(messages) - 1, listener)
    _limit_breakpoints(system, finished, listener)
    said_system = {"system": _plain(system)} if system else {}
    return {**said_system, "messages": [{"role": turn.role, "content": _plain(turn.blocks)} for turn in finished]}


def _check(message: pb.Message, path: str, listener: Listener) -> None:
    if message.role not in _SIDES:
        raise invalid(f"{path}.role", "is not set")
    if message.name:
        listener.drops(f"{path}.name", "nobody has a name in this protocol")


def _check_end(turns: list[Turn], last: int, listener: Listener) -> None:
    """An answer that is begun is to be continued, which not everybody does, and nobody behind blanks.

    A paused turn ends in the provider's own blocks, and goes on in any case.
    """
    turn = turns[-1]
    if turn.role != ASSISTANT or any(block.get("type") not in ("text", "thinking") for block in turn.blocks):
        return
    path = f"messages[{last}]"
    if not listener.dialect.prefill or listener.thinks:
        raise unsupported(path, "the conversation may not end with the assistant here")
    text = turn.blocks[-1].get("text")
    if isinstance(text, str) and text != text.rstrip():
        listener.clamps(path, "the text without the blanks at its end")
        turn.blocks[-1] = {**turn.blocks[-1], "text": text.rstrip()}


def _limit_breakpoints(system: list[Json], turns: list[Turn], listener: Listener) -> None:
    """The last ones reach furthest."""
    marked = [block for block in (*system, *(block for turn in turns for block in turn.blocks)) if _is_marked(block)]
    for block in marked[:-_MOST_BREAKPOINTS]:
        del block["cache_control"]
    if len(marked) > _MOST_BREAKPOINTS:
        listener.drops("messages.parts.cache_breakpoint", f"all but the last {_MOST_BREAKPOINTS}")


def _is_marked(block: Json) -> bool:
    return "cache_control" in block


def _plain(blocks: list[Json]) -> str | list[Json]:
    """One text as a string, which everybody takes."""
    text = blocks[0].get("text") if len(blocks) == 1 and blocks[0].keys() == {"type", "text"} else None
    return text if isinstance(text, str) else blocks
