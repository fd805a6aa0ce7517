"""Writes what the model said before: its own words with their signatures, another's without."""

from typing import assert_never

import orjson

from mainstay import v1 as pb
from service.providers.arguments import arguments_of
from service.providers.gemini.listener import Listener
from service.providers.opaque import block_of, own_state
from service.providers.values import Json, object_of


def assistants_part(part: pb.Part, path: str, listener: Listener) -> Json | None:
    """A part of the model's turn, or None where nothing is to be said of it. Raises Failure.

    Its state is an object of members of the part. Thoughts go back only where they were signed.
    """
    state = own_state(part, path, listener) or {}
    match kind := part.WhichOneof("content"):
        case "text":
            return {"text": part.text, **state} if part.text or state else None
        case "reasoning":
            said: Json = {"text": part.reasoning.text, "thought": True} if part.reasoning.text else {}
            return {**said, **state} if state else None
        case "tool_call":
            return _call(part.tool_call, state, path, listener)
        case "provider_block":
            return block_of(part.provider_block, f"{path}.provider_block", listener)
        case "image" | "file" | "tool_result" | None:
            return None
        case _:
            assert_never(kind)


def _call(call: pb.ToolCall, state: Json, path: str, listener: Listener) -> Json:
    """Only an id that the provider gave goes back to it."""
    function = {**object_of(state.get("functionCall")), "name": call.name}
    function["args"] = orjson.Fragment(arguments_of(call, path, listener))
    return {**state, "functionCall": function}
