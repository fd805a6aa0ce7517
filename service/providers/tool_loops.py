"""Which result answers which tool call.

Providers insist that all results of a turn follow it at once, one for each call. Callers send them in any order, in one
message or several, with words between them, and now and then not at all.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from mainstay import v1 as pb
from service.providers.call_ids import CallIds, IdShape
from service.providers.fitting import expect_fitting
from service.providers.listener import AnyListener
from service.providers.refusals import invalid

MISSING = "There is no result: the tool was not run, or its result was lost."
"""Stands in for a result, and is an error."""

_Call: TypeAlias = tuple[pb.Part, str]
"""The part, and its path."""
_Result: TypeAlias = tuple[pb.Part, str]
"""The same of a result."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A tool call with its result."""

    part: pb.Part
    """The call."""
    path: str
    """Of that part."""
    id: str
    """By which the provider knows the call."""
    result: pb.Part
    result_path: str
    """Of that part; of the call, if there is no result."""


def asked_in(
    messages: Sequence[pb.Message], shape: IdShape | None, listener: AnyListener
) -> Mapping[int, Sequence[Asked]]:
    """The calls of each message that has some, in their order. Raises Failure.

    A call that was passed over has an error as its result, and a result that answers nothing is left out; both are
    noted. A conversation cannot end with a turn that calls. `shape` is that of ids; None: they are not told.
    """
    calls = {
        place: found
        for place, message in enumerate(messages)
        if message.role == pb.ROLE_ASSISTANT and (found := list(_calls(message, place)))
    }
    if not calls and not any(message.role == pb.ROLE_TOOL for message in messages):
        return {}
    _expect_continued(messages, calls)
    results = _Results(messages, calls, listener).of_calls
    ids = CallIds(shape) if shape is not None else None
    return {
        place: [_asked(part, path, _id(part, path, ids, listener), results.get(path), listener) for part, path in found]
        for place, found in calls.items()
    }


def _calls(message: pb.Message, place: int) -> Iterator[_Call]:
    for index, part in enumerate(message.parts):
        if part.HasField("tool_call"):
            yield part, f"messages[{place}].parts[{index}]"


def _expect_continued(messages: Sequence[pb.Message], calls: Mapping[int, Sequence[_Call]]) -> None:
    for place in reversed(range(len(messages))):
        if messages[place].role != pb.ROLE_ASSISTANT:
            return
        if place in calls:
            why = "wants a result in a tool message, and the conversation ends with this turn"
            raise invalid(f"{calls[place][0][1]}.tool_call", why)


def _id(part: pb.Part, path: str, ids: CallIds | None, listener: AnyListener) -> str:
    given = part.tool_call.id
    if ids is None or (id := ids.of(given)) == given:
        return given
    listener.clamps(f"{path}.tool_call.id", "what this provider takes")
    return id


def _asked(part: pb.Part, path: str, id: str, result: _Result | None, listener: AnyListener) -> Asked:
    if result is not None:
        return Asked(part, path, id, *result)
    listener.downgrades(f"{path}.tool_call", "with an error as its result: it has none")
    missing = pb.ToolResult(tool_call_id=part.tool_call.id, text=MISSING, is_error=True)
    return Asked(part, path, id, pb.Part(tool_result=missing), path)


class _Results:
    """Gives each result to the first call of its id that has none yet, among those of the latest turn with that id."""

    def __init__(
        self,
        messages: Sequence[pb.Message],
        calls: Mapping[int, Sequence[_Call]],
        listener: AnyListener,
    ) -> None:
        self.of_calls: dict[str, _Result] = {}
        """By the path of the call: the result and its own path."""
        self._listener = listener
        self._open: dict[str, tuple[int, deque[str]]] = {}
        """By id: the turn that has asked last, and its calls that have no result yet."""
        turn = 0
        for place, message in enumerate(messages):
            if message.role == pb.ROLE_ASSISTANT:
                self._open_calls(calls.get(place, ()), turn)
                continue
            turn = place
            if message.role == pb.ROLE_TOOL:
                self._take(message, f"messages[{place}]")

    def _open_calls(self, calls: Sequence[_Call], turn: int) -> None:
        for part, path in calls:
            id = part.tool_call.id
            latest, waiting = self._open.get(id, (-1, deque[str]()))
            if latest != turn:
                waiting = deque[str]()
                self._open[id] = (turn, waiting)
            waiting.append(path)

    def _take(self, message: pb.Message, path: str) -> None:
        for index, part in enumerate(message.parts):
            where = f"{path}.parts[{index}]"
            expect_fitting(message.role, part, where)
            id = part.tool_result.tool_call_id
            if id not in self._open:
                self._listener.drops(f"{where}.tool_result", "there is no such call before it")
            elif waiting := self._open[id][1]:
                self.of_calls[waiting.popleft()] = (part, where)
            else:
                self._listener.drops(f"{where}.tool_result", "its call has another result")
