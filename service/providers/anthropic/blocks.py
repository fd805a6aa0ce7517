"""Writes the parts of a message as the protocol's blocks."""

from collections.abc import Iterator, Sequence
from typing import assert_never

import orjson

from mainstay import v1 as pb
from service.providers.anthropic.listener import Listener
from service.providers.anthropic.media import file_of, image_of
from service.providers.arguments import arguments_of
from service.providers.fitting import expect_fitting
from service.providers.opaque import block_of, own_state
from service.providers.tool_loops import Asked
from service.providers.values import Json

_THOUGHTS = frozenset({"thinking", "redacted_thinking"})


class Blocks:
    """The blocks of messages, but for results, which follow the calls that they answer."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def of(self, message: pb.Message, path: str, asked: Sequence[Asked]) -> list[Json]:
        """What of the message, whose calls are `asked`, can be said to this listener. Raises Failure."""
        blocks: list[Json] = []
        calls = iter(asked)
        for place, part in enumerate(message.parts):
            where = f"{path}.parts[{place}]"
            expect_fitting(message.role, part, where)
            if (block := self._block(part, where, calls)) is not None:
                blocks.append(block)
        placeholder = self._listener.dialect.thoughts_placeholder
        if (
            asked
            and placeholder
            and self._listener.thinks
            and not any(block.get("type") in _THOUGHTS for block in blocks)
        ):
            blocks.insert(0, {"type": "thinking", "thinking": placeholder})
        return blocks

    def _block(self, part: pb.Part, path: str, calls: Iterator[Asked]) -> Json | None:
        match part.WhichOneof("content"):
            case "text":
                block = self._text(part, path)
            case "image":
                block = image_of(part.image, f"{path}.image", self._listener)
            case "file":
                block = file_of(part.file, f"{path}.file", self._listener)
            case "tool_call":
                block = self._call(next(calls))
            case "reasoning":
                return self._thoughts(part, path)
            case "provider_block":
                return block_of(part.provider_block, f"{path}.provider_block", self._listener)
            case "tool_result" | None:
                return None
            case other:
                assert_never(other)
        return marked(block, part, self._listener) if block is not None else None

    def _text(self, part: pb.Part, path: str) -> Json | None:
        if not part.text.strip():
            self._listener.drops(f"{path}.text", "a text of nothing but blanks")
            return None
        return {"type": "text", "text": part.text, **(own_state(part, path, self._listener) or {})}

    def _call(self, asked: Asked) -> Json:
        call = asked.part.tool_call
        arguments = orjson.Fragment(arguments_of(call, asked.path, self._listener))
        state = own_state(asked.part, asked.path, self._listener) or {}
        return {"type": "tool_use", "id": asked.id, "name": call.name, "input": arguments, **state}

    def _thoughts(self, part: pb.Part, path: str) -> Json | None:
        """Thoughts go back with what their provider signed them with, and to nobody else."""
        state = own_state(part, path, self._listener)
        if state is not None and "data" in state:
            return {"type": "redacted_thinking", **state}
        if state is not None and (state or not self._listener.dialect.signatures):
            return {"type": "thinking", "thinking": part.reasoning.text, **state}
        self._listener.drops(f"{path}.reasoning", "thoughts go back to the provider that signed them only")
        return None


def marked(block: Json, part: pb.Part, listener: Listener) -> Json:
    """The block, with the breakpoint of its part."""
    if part.cache_breakpoint and listener.dialect.cache_control:
        block["cache_control"] = {"type": "ephemeral"}
    return block
