"""Keeps what a provider wants back as it gave it: encrypted thoughts, signatures of thoughts and of calls.

The data of a state is a JSON object: members of the message, or of the tool call on whose part the state hangs,
under their own names. `state` puts them back where they were.
"""

from dataclasses import dataclass

from service.providers.values import Json, object_of, objects_of, text_of, word_of

_LISTS = ("reasoning_details", "thinking_blocks")
"""Thoughts block by block: OpenRouter's and LiteLLM's."""
_SPOKEN = {"reasoning.text": "text", "reasoning.summary": "summary", "thinking": "thinking"}
"""Kinds of blocks whose text comes in fragments, and where it stands; every other kind is opaque."""
_OPAQUE = ("data", "signature")


@dataclass(slots=True)
class _Block:
    fields: Json
    pieces: list[str]

    def whole(self) -> Json:
        spoken = _SPOKEN.get(word_of(self.fields.get("type")))
        return {**self.fields, spoken: "".join(self.pieces)} if spoken and self.pieces else self.fields


class MessageState:
    """The state of one message, gathered chunk by chunk.

    Thoughts that nobody signed are state only beside tool calls: OpenRouter wants those back, too, with the results.
    """

    def __init__(self) -> None:
        self._blocks: dict[str, list[_Block]] = {}
        self._opaque: set[str] = set()
        self._others: Json = {}

    @property
    def is_of_thoughts(self) -> bool:
        """Something of it belongs to thoughts, said or withheld."""
        return bool(self._opaque) or "reasoning_opaque" in self._others

    def read(self, message: Json) -> None:
        """Takes in a message, or the next piece of one."""
        for name in _LISTS:
            if blocks := message.get(name):
                self._read_blocks(name, objects_of(blocks))
        if opaque := word_of(message.get("reasoning_opaque")):  # Copilot
            self._others["reasoning_opaque"] = opaque
        if "extra_content" in message:
            self._others |= signature_of(message)

    def data(self, *, calls: bool = False) -> bytes:
        """What goes back; empty if nothing must. `calls`: the message asks for tools."""
        wanted = [name for name in _LISTS if name in self._opaque or (calls and self._blocks.get(name))]
        lists = {name: [block.whole() for block in self._blocks[name]] for name in wanted}
        fields = {**lists, **self._others}
        return text_of(fields).encode() if fields else b""

    def _read_blocks(self, name: str, blocks: list[Json]) -> None:
        known = self._blocks.setdefault(name, [])
        last = known[-1] if known else None  # within one message nothing is a fragment of anything
        for block in blocks:
            if any(block.get(field) for field in _OPAQUE) or word_of(block.get("type")) not in _SPOKEN:
                self._opaque.add(name)
            if last is not None and _goes_on(last.fields, block):
                _join(last, block)
            else:
                known.append(_Block(dict(block), _pieces(block)))


def signature_of(said: Json) -> Json:
    """What Gemini signs a message or a tool call with, as a member of it; empty if there is nothing."""
    extra = object_of(said.get("extra_content"))
    return {"extra_content": extra} if object_of(extra.get("google")).get("thought_signature") else {}


def _goes_on(last: Json, block: Json) -> bool:
    """Whether `block` is more of the last one: a signature closes a block, as a new kind or index does."""
    same = all(last.get(field) == block.get(field) for field in ("type", "index"))
    return same and word_of(last.get("type")) in _SPOKEN and not last.get("signature")


def _join(last: _Block, block: Json) -> None:
    last.pieces += _pieces(block)
    last.fields |= {name: value for name, value in block.items() if value is not None}


def _pieces(block: Json) -> list[str]:
    text = word_of(block.get(_SPOKEN.get(word_of(block.get("type")), "")))
    return [text] if text else []
