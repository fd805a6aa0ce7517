"""The rules that messages keep: the user begins, no text is empty, and every tool call is answered in the next turn."""

from collections.abc import Iterable

from service.simulator.anthropic.blocks import Text, ToolResult, ToolUse
from service.simulator.anthropic.family import Family
from service.simulator.anthropic.refusals import wrong
from service.simulator.anthropic.request import Request, Said
from service.simulator.anthropic.turns import Placed, Turn, turns_of
from service.simulator.refusal import Refusal

_UNANSWERED = "`tool_use` ids were found without `tool_result` blocks immediately after"
_UNASKED = "unexpected `tool_use_id` found in `tool_result` blocks"


def check_conversation(request: Request, family: Family) -> tuple[Turn, ...]:
    """The turns; raises `Refusal`."""
    if not request.messages:
        raise Refusal("messages: at least one message is required", "messages")
    if request.messages[0].role != "user":
        raise Refusal('messages: first message must use the "user" role', "messages")
    _check_systems(request, family)
    for number, message in enumerate(request.messages):
        _check_texts(message, number, last=number == len(request.messages) - 1)
    turns = turns_of(request.messages)
    _check_tools(turns)
    _check_end(turns[-1], family)
    return turns


def _check_systems(request: Request, family: Family) -> None:
    for number, message in enumerate(request.messages):
        if message.role == "system" and not family.system_turns:
            raise wrong(f"messages.{number}", "role 'system' is not supported on this model")
    if any(not block.text for block in request.system or ()):
        raise Refusal("system: text content blocks must be non-empty", "system")


def _check_texts(message: Said, number: int, *, last: bool) -> None:
    if not message.content and not (last and message.role == "assistant"):
        raise wrong(f"messages.{number}", "all messages must have non-empty content")
    for block in message.content:
        if isinstance(block, Text) and not block.text:
            raise Refusal("messages: text content blocks must be non-empty", f"messages.{number}")
        if isinstance(block, Text) and not block.text.strip():
            raise Refusal("messages: text content blocks must contain non-whitespace text", f"messages.{number}")


def _check_tools(turns: Iterable[Turn]) -> None:
    waiting: dict[str, Placed] = {}
    known: set[str] = set()
    for turn in turns:
        if turn.role == "assistant":
            waiting = _calls(turn, known)
        else:
            _check_results(turn, waiting)
            waiting = {}
    _expect_none(waiting)


def _calls(turn: Turn, known: set[str]) -> dict[str, Placed]:
    """The calls of a turn by their ids, which are added to those `known`."""
    calls = {}
    for placed in turn.blocks:
        if isinstance(placed.block, ToolUse):
            if placed.block.id in known:
                raise Refusal("messages: `tool_use` ids must be unique", placed.at)
            known.add(placed.block.id)
            calls[placed.block.id] = placed
    return calls


def _check_results(turn: Turn, waiting: dict[str, Placed]) -> None:
    left = dict(waiting)
    spoken = False
    for placed in turn.blocks:
        if not isinstance(placed.block, ToolResult):
            spoken = True
            continue
        id = placed.block.tool_use_id
        if id not in waiting:
            raise wrong(placed.at, f"{_UNASKED}: {id}")
        if id not in left:
            raise wrong(placed.at, f"each `tool_use` must have a single result; found several for {id}")
        if spoken:
            break
        del left[id]
    _expect_none(left)


def _expect_none(waiting: dict[str, Placed]) -> None:
    if waiting:
        message = next(iter(waiting.values())).at.partition(".content")[0]
        raise wrong(message, f"{_UNANSWERED}: {', '.join(waiting)}")


def _check_end(turn: Turn, family: Family) -> None:
    """A turn of the assistant's at the end is the beginning of its answer, or was paused by a hosted tool."""
    if turn.role != "assistant" or not turn.blocks:
        return
    if isinstance(last := turn.blocks[-1].block, Text):
        if not family.prefilled:
            raise Refusal("This model does not support assistant message prefill.", "messages")
        if last.text != last.text.rstrip():
            raise Refusal("messages: final assistant content cannot end with trailing whitespace", "messages")
