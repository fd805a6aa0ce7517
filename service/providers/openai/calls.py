"""Puts the fragments of streamed tool calls together, however carelessly they are labelled.

A fragment may name its call by index, by id, by both or by neither; a call is known by the first of

    index          that call; a new one that reuses the index if the id, or without one the name, differs, unless
                   the fragment holds arguments and no name: it goes on with the call of its index
    id             that call, or a new one
    name           a new call
    nothing        the latest call
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.bounds import MOST_CALLS
from service.providers.call_ids import made_up
from service.providers.openai.opaque import signature_of
from service.providers.values import Json, object_of, text_of, word_of

MOST_HELD = 1 << 20
"""Characters of arguments that may wait for their call's name."""


@dataclass(slots=True)
class ToolCall:
    """What must be remembered of a call: never its arguments, once they may go out."""

    part: int
    indexed: bool
    id: str = ""
    name: str = ""
    given_id: str = ""
    announced: bool = False
    held: list[str] = field(default_factory=list)
    signature: Json = field(default_factory=dict)


class ToolCalls:
    """The tool calls of one answer."""

    def __init__(self, new_part: Callable[[], int]) -> None:
        self.answer_id = ""
        """The provider's name of the answer."""
        self._new_part = new_part
        self._by_part: dict[int, ToolCall] = {}
        self._by_index: dict[int, ToolCall] = {}
        self._by_id: dict[str, ToolCall] = {}
        self._latest: ToolCall | None = None
        self._held = 0

    def __len__(self) -> int:
        return len(self._by_part)

    def add(self, fragment: Json) -> tuple[int, str] | None:
        """The fragment's part and the arguments that may go out now; None: nothing may, yet."""
        function = object_of(fragment.get("function")) or object_of(fragment.get("custom"))
        name, given_id = word_of(function.get("name")), word_of(fragment.get("id"))
        arguments = text_of(function.get("arguments", function.get("input")))
        if not (given_id or name or arguments):
            return None
        index = _index(fragment.get("index"))
        if arguments and not name and index is not None and index in self._by_index:
            given_id = ""  # no call begins like that: some make up a new id for every fragment
        self._latest = self._found(index, given_id, name) or self._opened(index)
        self._label(self._latest, given_id, name)
        if "extra_content" in fragment:
            self._latest.signature |= signature_of(fragment)
        return self._released(self._latest, arguments)

    def delta(self, part: int, arguments: str) -> pb.ToolCallDelta:
        """More arguments of the call in `part`, with its id and name if they have not been said yet."""
        call = self._by_part[part]
        if call.announced:
            return pb.ToolCallDelta(part=part, arguments_json=arguments)
        call.announced = True
        return pb.ToolCallDelta(part=part, id=call.id, name=call.name, arguments_json=arguments)

    def states(self) -> Iterator[tuple[int, bytes]]:
        """What goes back beside the calls that the provider signed, each with its part."""
        for call in self._by_part.values():
            if call.signature:
                yield call.part, text_of(call.signature).encode()

    def end(self) -> None:
        """Raises Failure(MALFORMED) if a call never got a name: nobody could run it."""
        if any(not call.name for call in self._by_part.values()):
            raise Failure(pb.FAILURE_KIND_MALFORMED, "the answer holds a tool call without a name")

    def _found(self, index: int | None, given_id: str, name: str) -> ToolCall | None:
        if index is not None and index in self._by_index:
            call = self._by_index[index]
            return call if _is_of(call, given_id, name) else None
        if given_id:
            return self._by_id.get(given_id) if index is None else None
        if name or self._latest is None or (index is not None and self._latest.indexed):
            return None
        return self._latest

    def _opened(self, index: int | None) -> ToolCall:
        if len(self) == MOST_CALLS:
            raise Failure(pb.FAILURE_KIND_MALFORMED, f"the answer holds more than {MOST_CALLS} tool calls")
        call = ToolCall(part=self._new_part(), indexed=index is not None)
        self._by_part[call.part] = call
        if index is not None:
            self._by_index[index] = call
        return call

    def _label(self, call: ToolCall, given_id: str, name: str) -> None:
        call.name = call.name or name
        call.given_id = call.given_id or given_id
        if call.name and not call.id:
            call.id = call.given_id or self._made_up_id()
        self._by_id.setdefault(call.given_id or call.id, call)

    def _released(self, call: ToolCall, arguments: str) -> tuple[int, str] | None:
        if call.name:
            held, call.held = "".join(call.held), []
            self._held -= len(held)
            return call.part, held + arguments
        call.held.append(arguments)
        self._held += len(arguments)
        if self._held > MOST_HELD:
            raise Failure(pb.FAILURE_KIND_MALFORMED, "the answer holds a tool call without a name")
        return None

    def _made_up_id(self) -> str:
        number = len(self)
        while (id := made_up(number, self.answer_id)) in self._by_id:
            number += 1
        return id


def _is_of(call: ToolCall, given_id: str, name: str) -> bool:
    if given_id and call.given_id:
        return given_id == call.given_id
    return not name or not call.name or name == call.name


def _index(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
