"""Builds the events of one answer out of the events of the protocol; a whole answer is told as if it had been streamed.

message_start · (content_block_start · content_block_delta* · content_block_stop)* · message_delta · message_stop, with
ping and error anywhere. What was said leaves with `take` and is not kept.
"""

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.anthropic.kinds import Block, begun_by, started
from service.providers.anthropic.pending import Pending
from service.providers.anthropic.slot import Scene
from service.providers.anthropic.usage import Counts
from service.providers.bounds import LONGEST_WORD, MOST_CALLS
from service.providers.call_ids import made_up
from service.providers.errors import NOTHING_OWN, ErrorTable, failure_in, is_error
from service.providers.finish import BROKE, finish_reason
from service.providers.values import Json, object_of, objects_of, word_of


class Answer:
    """One answer on its way. Each content block is a part, in order of appearance."""

    def __init__(self, issuer: str, *, signatures: bool = True, errors: ErrorTable = NOTHING_OWN) -> None:
        """`signatures`: thoughts without one are of no use to `issuer`. `errors`: in what its errors differ."""
        self.finish = ""
        """Why the model stopped, in the provider's word for it; "": it has not said so."""
        self.is_over = False
        """The provider said that nothing more comes."""
        self._errors = errors
        self._pending = Pending()
        self._counts = Counts()
        self._open: dict[int, Block] = {}
        """The blocks that are not stopped, by their index."""
        self._parts = self._calls = 0
        self._answer_id = ""
        self._scene = Scene(issuer, self._pending, self._new_part, self._made_up_id, signatures)

    @property
    def usage(self) -> pb.Usage | None:
        """The tokens counted so far."""
        return self._counts.total()

    @property
    def characters(self) -> int:
        """How many have been said."""
        return self._pending.characters

    @property
    def in_tool_call(self) -> bool:
        """A piece that is lost now would be missing from something that is of use only as a whole."""
        return not self.finish and any(block.is_whole_or_nothing for block in self._open.values())

    def read(self, chunk: Json) -> None:
        """Takes in one event. Raises Failure."""
        match chunk.get("type"):
            case "content_block_delta":
                self._delta(_index(chunk), object_of(chunk.get("delta")))
            case "content_block_start":
                self._start(_index(chunk), object_of(chunk.get("content_block")))
            case "content_block_stop":
                self._stop(_index(chunk))
            case "message_start":
                message = object_of(chunk.get("message"))
                self._answer_id = word_of(message.get("id"))
                self._counts.add(message.get("usage"))
            case "message_delta":
                self._counts.add(chunk.get("usage"))
                self._finish(object_of(chunk.get("delta")).get("stop_reason"))
            case "message_stop":
                self.is_over = True
            case "message":
                self.read_whole(chunk)
            case kind if kind == "error" or is_error(chunk):
                raise failure_in(chunk, own=self._errors)
            case _:
                pass

    def read_whole(self, message: Json) -> None:
        """Takes in an answer that came in one piece. Raises Failure."""
        self._answer_id = word_of(message.get("id"))
        self._counts.add(message.get("usage"))
        for place, block in enumerate(objects_of(message.get("content"))):
            self._start(place, block)
            self._stop(place)
        self._finish(message.get("stop_reason"))

    def lose(self) -> None:
        """An event came that nobody could read."""
        for block in self._open.values():
            block.lose()

    def take(self) -> list[pb.ChatEvent]:
        """The deltas since the last time, in the order in which they came."""
        return self._pending.take()

    def end(self) -> list[pb.ChatEvent]:
        """The last events. Raises Failure when what was said cannot be an answer."""
        for index in list(self._open):
            self._stop(index)
        response = pb.ChatResponse(
            finish_reason=finish_reason(self.finish, calls=self._calls > 0, refused=False),
            provider_finish_reason=self.finish,
            usage=self.usage,
        )
        return [*self.take(), pb.ChatEvent(completed=response)]

    def _start(self, index: int, block: Json) -> None:
        self._stop(index)
        kind = word_of(block.get("type"))
        if kind == "tool_use":
            self._calls += 1
            if self._calls > MOST_CALLS:
                raise Failure(pb.FAILURE_KIND_MALFORMED, f"the answer holds more than {MOST_CALLS} tool calls")
        self._open[index] = started(self._scene, kind, block)

    def _delta(self, index: int, delta: Json) -> None:
        kind = word_of(delta.get("type"))
        block = self._open.get(index)
        if (block is None or not block.understands(kind)) and (begun := begun_by(self._scene, kind)):
            self._stop(index)
            block = self._open[index] = begun
        if block is not None:
            block.delta(delta)
        elif kind == "input_json_delta":
            raise Failure(pb.FAILURE_KIND_MALFORMED, "the answer holds arguments of a tool call that never began")

    def _stop(self, index: int) -> None:
        if block := self._open.pop(index, None):
            block.stop()

    def _finish(self, word: object) -> None:
        if not isinstance(word, str) or not word:
            return
        if word in BROKE:
            raise Failure(pb.FAILURE_KIND_OVERLOADED, f"the provider broke off the answer ({word})")
        self.finish = self.finish or word[:LONGEST_WORD]

    def _made_up_id(self) -> str:
        return made_up(self._calls, self._answer_id)

    def _new_part(self) -> int:
        self._parts += 1
        return self._parts - 1


def _index(chunk: Json) -> int:
    """The number of a block; whoever gives none has one block at a time."""
    index = chunk.get("index")
    return index if type(index) is int else -1
