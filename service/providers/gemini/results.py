"""Writes the results of the tools that the model called: all of one turn, in the order of its calls."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from mainstay import v1 as pb
from service.providers.gemini.listener import Listener
from service.providers.gemini.media import media_of
from service.providers.tool_loops import Asked
from service.providers.values import Json, object_of


@dataclass(frozen=True, slots=True)
class Call:
    """A call that wants a result."""

    asked: Asked
    said: object
    """The `functionCall` as it was written."""


def results_of(calls: Sequence[Call], listener: Listener) -> list[Json]:
    """A part for each call: the counts must be equal; pictures behind them. Raises Failure."""
    pictures: list[Json] = []
    parts = [_part(call, pictures, listener) for call in calls]
    return [*parts, *pictures]


def _part(call: Call, pictures: list[Json], listener: Listener) -> Json:
    result, path = call.asked.result.tool_result, f"{call.asked.result_path}.tool_result.images"
    shown = [media_of(image, "image", f"{path}[{index}]", listener) for index, image in enumerate(result.images)]
    said = _response(call, _object(result))
    if shown and listener.dialect.tool_images:
        object_of(said["functionResponse"])["parts"] = shown
    elif shown:
        listener.downgrades(path, "shown behind the results")
        pictures += [{"text": f"Pictures in the result of {object_of(call.said).get('name')}:"}, *shown]
    return said


def _response(call: Call, said: object) -> Json:
    function = object_of(call.said)
    known: Json = {name: function[name] for name in ("id", "name") if name in function}
    return {"functionResponse": {**known, "response": said}}


def _object(result: pb.ToolResult) -> object:
    """The result, which must be an object here: as it is if it is one, else inside one."""
    if result.is_error:
        return {"error": result.text}
    try:
        if isinstance(orjson.loads(result.text), dict):
            return orjson.Fragment(result.text)
    except orjson.JSONDecodeError:
        pass
    return {"output": result.text}
