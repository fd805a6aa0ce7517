"""The tool calls of one answer: their ids, which Google often leaves out, and arguments that come value by value."""

from dataclasses import dataclass, field

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.bounds import MOST_CALLS
from service.providers.call_ids import made_up
from service.providers.gemini.arguments import Arguments
from service.providers.values import Json, object_of, objects_of, text_of, word_of

LONGEST_ID = 128


@dataclass(slots=True)
class ToolCall:
    """A call as far as it came."""

    id: str
    name: str
    state: Json
    """What is to go back beside it: the id, if the provider gave one."""
    arguments: str = ""
    """What may go out now."""
    growing: Arguments | None = field(default=None, repr=False)
    """The arguments, while they are coming."""
    announced: bool = False

    @property
    def speaks(self) -> bool:
        """There is something to be said of it."""
        return not self.announced or bool(self.arguments)

    def delta(self, part: int) -> pb.ToolCallDelta:
        """What may go out, with the call's id and name if they have not been said yet."""
        arguments, self.arguments = self.arguments, ""
        if self.announced:
            return pb.ToolCallDelta(part=part, arguments_json=arguments)
        self.announced = True
        return pb.ToolCallDelta(part=part, id=self.id, name=self.name, arguments_json=arguments)


class ToolCalls:
    """Reads `functionCall` parts.

    {"name", "args", "id"}                                       whole
    {"name", "willContinue": true}                               begins
    {"partialArgs": [{"jsonPath", …}], "willContinue": true}     goes on
    {}                                                           ends
    """

    def __init__(self) -> None:
        self.answer_id = ""
        """The provider's name of the answer: made-up ids contain it, so that no other answer has them."""
        self.open: ToolCall | None = None
        """The call whose arguments are coming."""
        self._ids: set[str] = set()

    def __len__(self) -> int:
        return len(self._ids)

    def begin(self, said: Json) -> ToolCall:
        """A call that begins with this fragment, and mostly ends with it. Raises Failure."""
        if len(self) == MOST_CALLS:
            raise Failure(pb.FAILURE_KIND_MALFORMED, f"the answer holds more than {MOST_CALLS} tool calls")
        given = word_of(said.get("id"))[:LONGEST_ID]
        call = ToolCall(
            id=given if given and given not in self._ids else self._made_up_id(),
            name=word_of(said.get("name")),
            state={"functionCall": {"id": given}} if given else {},
        )
        self._ids.add(call.id)
        if said.get("willContinue") is True or said.get("partialArgs"):
            call.growing, self.open = Arguments(object_of(said.get("args"))), call
            self.go_on(said)
        else:
            call.arguments = text_of(said.get("args")) or "{}"
        return call

    def go_on(self, said: Json) -> None:
        """More of the open call. Raises Failure."""
        if self.open is None or self.open.growing is None:
            return
        for fragment in objects_of(said.get("partialArgs")):
            self.open.growing.add(fragment)
        if said.get("willContinue") is not True:
            self.close()

    def close(self) -> None:
        """Lets the arguments of the open call out, if there is one."""
        call, self.open = self.open, None
        if call is not None and call.growing is not None:
            call.arguments, call.growing = call.growing.text(), None

    def _made_up_id(self) -> str:
        number = len(self) + 1
        while (id := made_up(number, self.answer_id)) in self._ids:
            number += 1
        return id
