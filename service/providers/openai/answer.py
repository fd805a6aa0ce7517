"""Builds the events of one answer out of its chunks; a whole answer is a single chunk.

What was said leaves with `take` and is not kept: an Answer holds counters, the ids of tool calls, and of the text
only what the provider wants back beside its signature.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.bounds import LONGEST_WORD
from service.providers.errors.meaning import failure_in
from service.providers.errors.table import NOTHING_OWN, ErrorTable
from service.providers.finish import BROKE, finish_reason
from service.providers.opaque import part_state
from service.providers.openai.calls import ToolCalls
from service.providers.openai.content import blocks_of, pieces_of, thoughts_of
from service.providers.openai.opaque import MessageState
from service.providers.openai.think import ThinkTags
from service.providers.openai.usage import usage_of
from service.providers.values import Json, object_of, objects_of, word_of

PLAIN = frozenset({"role", "content"})


class Answer:
    """One answer on its way. Thoughts, text, each tool call and each block are a part each, in order of appearance.

    `said_in` is the field of a choice that counts: Perplexity sends both, and each is empty or stale in turn.
    `issuer` is whose state and blocks they are. `think_tags`: the text may begin with thoughts between tags.
    """

    def __init__(
        self,
        said_in: Literal["delta", "message"],
        issuer: str,
        *,
        think_tags: bool = False,
        errors: ErrorTable = NOTHING_OWN,
    ) -> None:
        self.finish = ""
        """Why the model stopped, in the provider's first word for it; "": it has not said so."""
        self.usage: pb.Usage | None = None
        self.characters = 0
        self.calls = ToolCalls(self._new_part)
        self._said_in = said_in
        self._issuer = issuer
        self._errors = errors
        self._tags = ThinkTags() if think_tags else None
        self._state = MessageState()
        self._blocks: set[int] = set()
        self._parts = 0
        self._thoughts_part = self._text_part = -1
        self._refused = False
        self._pieces: dict[int, list[str]] = {}

    is_over = False
    """Only [DONE] says so, which is no chunk."""

    @property
    def in_tool_call(self) -> bool:
        """A fragment that is lost now would be missing from a tool call."""
        return not self.finish and len(self.calls) > 0

    def read(self, chunk: Json) -> None:
        """Takes in one chunk. Raises Failure."""
        self._stop_at_error(chunk, chunk)
        if chunk.get("object") == "error":
            raise failure_in(chunk, own=self._errors)
        if usage := chunk.get("usage"):
            self._count(usage)
        elif "x_groq" in chunk:
            self._count(object_of(chunk["x_groq"]).get("usage"))
        if not self.calls.answer_id:
            self.calls.answer_id = word_of(chunk.get("id"))
        choices = chunk.get("choices")
        if isinstance(choices, list):
            for choice in choices:
                if isinstance(choice, dict) and (choice.get("index") or 0) == 0:
                    self._read_choice(choice, chunk)

    def lose(self) -> None:
        """A chunk came that nobody could read; that a tool call misses nothing is seen to above."""

    def take(self) -> list[pb.ChatEvent]:
        """The deltas since the last time, one for each part, in the order in which they came."""
        if not self._pieces:
            return []
        events = [self._delta(part, "".join(pieces)) for part, pieces in self._pieces.items()]
        self._pieces.clear()
        return events

    def end(self) -> list[pb.ChatEvent]:
        """The last events. Raises Failure when what was said cannot be an answer."""
        self.calls.end()
        if self._tags is not None:
            self._tell_apart(self._tags.end())
        response = pb.ChatResponse(
            finish_reason=finish_reason(self.finish, calls=len(self.calls) > 0, refused=self._refused),
            provider_finish_reason=self.finish,
            usage=self.usage,
        )
        return [*self.take(), *self._states(), pb.ChatEvent(completed=response)]

    def _read_choice(self, choice: Json, chunk: Json) -> None:
        self._stop_at_error(choice, chunk)
        message = choice.get(self._said_in)
        if isinstance(message, dict):
            self._read_message(message)
        elif self._parts == 0:  # a whole answer in a stream, or the other way round
            self._read_message(object_of(choice.get("message")) or object_of(choice.get("delta")))
        word = choice.get("finish_reason")
        if word and isinstance(word, str):
            self._finish(word)
        if "usage" in choice and not chunk.get("usage"):
            self._count(choice["usage"])

    def _read_message(self, message: Json) -> None:
        if message.keys() <= PLAIN:  # as nearly all are
            if content := message.get("content"):
                self._read_content(content)
            return
        self._keep_state(message)
        if thoughts := thoughts_of(message):
            self._think(thoughts)
        if content := message.get("content"):
            self._read_content(content)
        if refusal := word_of(message.get("refusal")):
            self._refused = True
            self._say(refusal)
        for block in blocks_of(message):
            self._pass_on(block)
        if calls := message.get("tool_calls"):
            for position, fragment in enumerate(objects_of(calls)):
                # In a whole answer each entry is a call of its own, whatever its index says.
                self._call(fragment if self._said_in == "delta" else {**fragment, "index": position})
        if "function_call" in message:
            self._call({"function": message["function_call"]})

    def _read_content(self, content: object) -> None:
        if isinstance(content, str):
            return self._hear(content)
        for kind, text in pieces_of(content):
            if not text:
                continue
            if kind == "block":
                self._pass_on(text)
            elif kind == "thought":
                self._think(text)
            else:
                self._hear(text)
        return None

    def _hear(self, text: str) -> None:
        if self._tags is None:
            self._say(text)
        else:
            self._tell_apart(self._tags.feed(text))

    def _tell_apart(self, pieces: Iterable[tuple[bool, str]]) -> None:
        for is_thought, piece in pieces:
            (self._think if is_thought else self._say)(piece)

    def _keep_state(self, message: Json) -> None:
        """Opens the part of thoughts for thoughts that are withheld, so that it stands where they do."""
        self._state.read(message)
        if self._thoughts_part < 0 and self._state.is_of_thoughts:
            self._thoughts_part = self._new_part()

    def _states(self) -> Iterator[pb.ChatEvent]:
        if data := self._state.data(calls=len(self.calls) > 0):
            part = next((part for part in (self._thoughts_part, self._text_part) if part >= 0), None)
            yield part_state(self._new_part() if part is None else part, self._issuer, data)
        for part, data in self.calls.states():
            yield part_state(part, self._issuer, data)

    def _pass_on(self, block: str) -> None:
        part = self._new_part()
        self._blocks.add(part)
        self._add(part, block)

    def _think(self, text: str) -> None:
        if self._thoughts_part < 0:
            self._thoughts_part = self._new_part()
        self._add(self._thoughts_part, text)

    def _say(self, text: str) -> None:
        if self._text_part < 0:
            self._text_part = self._new_part()
        self._add(self._text_part, text)

    def _call(self, fragment: Json) -> None:
        if added := self.calls.add(fragment):
            self._add(*added)

    def _add(self, part: int, text: str) -> None:
        self.characters += len(text)
        self._pieces.setdefault(part, []).append(text)

    def _new_part(self) -> int:
        self._parts += 1
        return self._parts - 1

    def _delta(self, part: int, text: str) -> pb.ChatEvent:
        if part == self._text_part:
            return pb.ChatEvent(text_delta=pb.TextDelta(part=part, text=text))
        if part == self._thoughts_part:
            return pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=part, text=text))
        if part in self._blocks:
            block = pb.ProviderBlock(issuer=self._issuer, json=text)
            return pb.ChatEvent(part_state=pb.PartState(part=part, provider_block=block))
        return pb.ChatEvent(tool_call_delta=self.calls.delta(part, text))

    def _finish(self, word: str) -> None:
        if word in BROKE and not self._is_cut_at_length:
            raise Failure(pb.FAILURE_KIND_OVERLOADED, f"the provider broke off the answer ({word})")
        self.finish = self.finish or word[:LONGEST_WORD]

    def _count(self, said: object) -> None:
        self.usage = usage_of(object_of(said)) or self.usage

    def _stop_at_error(self, holder: Json, chunk: Json) -> None:
        if (error := holder.get("error")) and not self._is_cut_at_length:
            raise failure_in({**chunk, "error": error}, own=self._errors)

    @property
    def _is_cut_at_length(self) -> bool:
        """An error that follows only says the same again: OpenRouter's "Token limit reached"."""
        return self.finish == "length"
