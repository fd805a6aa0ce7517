"""Writes the parts of a message as the protocol's blocks."""

from typing import assert_never

import orjson

from mainstay import v1 as pb
from service.providers.anthropic.ids import CallIds
from service.providers.anthropic.listener import Listener
from service.providers.anthropic.media import file_of, image_of
from service.providers.fitting import expect_fitting
from service.providers.opaque import block_of, own_state
from service.providers.values import Json


class Blocks:
    """The blocks of one conversation, message by message."""

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._ids = CallIds()

    def of(self, message: pb.Message, path: str) -> list[Json]:
        """What of the message can be said to this listener. Raises Failure."""
        blocks = []
        for place, part in enumerate(message.parts):
            where = f"{path}.parts[{place}]"
            expect_fitting(message.role, part, where)
            if (block := self._block(part, where)) is not None:
                blocks.append(block)
        return blocks

    def _block(self, part: pb.Part, path: str) -> Json | None:
        match part.WhichOneof("content"):
            case "text":
                block = self._text(part, path)
            case "image":
                block = image_of(part.image, f"{path}.image", self._listener)
            case "file":
                block = file_of(part.file, f"{path}.file", self._listener)
            case "tool_call":
                block = self._call(part, path)
            case "tool_result":
                block = self._result(part.tool_result, f"{path}.tool_result")
            case "reasoning":
                return self._thoughts(part, path)
            case "provider_block":
                return block_of(part.provider_block, f"{path}.provider_block", self._listener)
            case None:
                return None
            case other:
                assert_never(other)
        if block is not None and part.cache_breakpoint and self._listener.dialect.cache_control:
            block["cache_control"] = {"type": "ephemeral"}
        return block

    def _text(self, part: pb.Part, path: str) -> Json | None:
        if not part.text.strip():
            self._listener.drops(f"{path}.text", "a text of nothing but blanks")
            return None
        return {"type": "text", "text": part.text, **(own_state(part, path, self._listener) or {})}

    def _call(self, part: pb.Part, path: str) -> Json:
        call = part.tool_call
        name = self._ids.of_call(call.id)
        if name != call.id:
            self._listener.clamps(f"{path}.tool_call.id", "what this protocol takes")
        arguments = self._arguments(call.arguments_json, f"{path}.tool_call.arguments_json")
        state = own_state(part, path, self._listener) or {}
        return {"type": "tool_use", "id": name, "name": call.name, "input": arguments, **state}

    def _arguments(self, text: str, path: str) -> Json:
        """Only an object can be said; what a model wrote instead is shown to it inside one."""
        if not text.strip():
            return {}
        try:
            value = orjson.loads(text)
        except orjson.JSONDecodeError:
            value = None
        if isinstance(value, dict):
            return value
        self._listener.downgrades(path, "inside an object: it is none itself")
        return {"arguments": text}

    def _result(self, result: pb.ToolResult, path: str) -> Json:
        block: Json = {"type": "tool_result", "tool_use_id": self._ids.of_result(result.tool_call_id)}
        shown = [
            image_of(image, f"{path}.images[{place}]", self._listener) for place, image in enumerate(result.images)
        ]
        if shown:
            block["content"] = [*([{"type": "text", "text": result.text}] if result.text.strip() else []), *shown]
        elif result.text:
            block["content"] = result.text
        if result.is_error:
            block["is_error"] = True
        return block

    def _thoughts(self, part: pb.Part, path: str) -> Json | None:
        """Thoughts go back with what their provider signed them with, and to nobody else."""
        state = own_state(part, path, self._listener)
        if state is not None and "data" in state:
            return {"type": "redacted_thinking", **state}
        if state is not None and (state or not self._listener.dialect.signatures):
            return {"type": "thinking", "thinking": part.reasoning.text, **state}
        self._listener.drops(f"{path}.reasoning", "thoughts go back to the provider that signed them only")
        return None
