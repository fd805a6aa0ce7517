"""Arguments of a tool call on their way back: an object, whatever the model wrote."""

import orjson

from mainstay import v1 as pb
from service.providers.listener import AnyListener


def arguments_of(call: pb.ToolCall, path: str, listener: AnyListener) -> str:
    """JSON of an object: many vendors refuse a conversation that holds anything else.

    What a model wrote instead is shown to it inside one.
    """
    text = call.arguments_json
    if not text.strip():
        return "{}"
    try:
        if isinstance(orjson.loads(text), dict):
            return text
    except orjson.JSONDecodeError:
        pass
    listener.downgrades(f"{path}.tool_call.arguments_json", "inside an object: it is none itself")
    return orjson.dumps({"arguments": text}).decode()
