"""Writes the results of the tools that the model called: all of one turn, in the order of its calls."""

from collections import defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from mainstay import v1 as pb
from service.providers.gemini.listener import Listener
from service.providers.gemini.media import media_of
from service.providers.values import Json, object_of

MISSING = "The tool was not run."


@dataclass(frozen=True, slots=True)
class Call:
    """A call that wants a result."""

    place: int
    """Of its message."""
    id: str
    path: str
    said: object
    """The `functionCall` as it was written."""


class Results:
    """The results of one conversation, each with the call that it answers: the latest of that id before it."""

    def __init__(self, messages: Sequence[pb.Message], listener: Listener) -> None:
        self._listener = listener
        self._found: defaultdict[tuple[int, str], deque[tuple[pb.ToolResult, str]]] = defaultdict(deque)
        asked: dict[str, int] = {}
        for place, message in enumerate(messages):
            for index, part in enumerate(message.parts):
                if part.HasField("tool_call"):
                    asked[part.tool_call.id] = place
                elif part.HasField("tool_result"):
                    self._keep(part.tool_result, asked, f"messages[{place}].parts[{index}].tool_result")

    def of(self, calls: Sequence[Call]) -> list[Json]:
        """A part for each call, and pictures behind them. Raises Failure for a picture that cannot be sent.

        The counts must be equal: a call without a result gets an error.
        """
        parts: list[Json] = []
        pictures: list[Json] = []
        for call in calls:
            found = self._found[call.place, call.id]
            if found:
                result, path = found.popleft()
                parts.append(self._part(call, result, path, pictures))
            else:
                self._listener.downgrades(f"{call.path}.tool_call", "with an error as its result, because it has none")
                parts.append(_response(call, {"error": MISSING}))
        for call in calls:
            for _, path in self._found.pop((call.place, call.id), ()):
                self._listener.drops(path, "its call has another result")
        return [*parts, *pictures]

    def _keep(self, result: pb.ToolResult, asked: dict[str, int], path: str) -> None:
        if result.tool_call_id in asked:
            self._found[asked[result.tool_call_id], result.tool_call_id].append((result, path))
        else:
            self._listener.drops(path, "there is no such call before it")

    def _part(self, call: Call, result: pb.ToolResult, path: str, pictures: list[Json]) -> Json:
        shown = [
            media_of(image, "image", f"{path}.images[{index}]", self._listener)
            for index, image in enumerate(result.images)
        ]
        said = _response(call, _object(result))
        if shown and self._listener.dialect.tool_images:
            object_of(said["functionResponse"])["parts"] = shown
        elif shown:
            self._listener.downgrades(f"{path}.images", "shown behind the results")
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
