"""Writes the tool calls of a conversation, and behind those of each message their results."""

from collections.abc import Sequence

from mainstay import v1 as pb
from service.providers.arguments import arguments_of
from service.providers.openai.listener import Listener
from service.providers.openai.media import image_of
from service.providers.openai.state import add_state
from service.providers.refusals import unsupported
from service.providers.tool_loops import Asked, asked_in
from service.providers.values import Json

_FAILED = "The tool failed."
"""For a failure without a word; the protocol has none for it."""


class Calls:
    """The calls of each message, by its place. Raises Failure."""

    def __init__(self, messages: Sequence[pb.Message], listener: Listener) -> None:
        self._listener = listener
        self._asked = asked_in(messages, listener.dialect.call_ids, listener)

    def of(self, place: int) -> list[Json]:
        """The tool calls, each with its state."""
        said = [self._call(asked) for asked in self._asked.get(place, ())]
        return [{**self._listener.dialect.unsigned_call, **said[0]}, *said[1:]] if said else said

    def results(self, place: int) -> list[Json]:
        """A message for each result; pictures inside where that is possible, else said by the user behind them all."""
        pictures: list[Json] = []
        said = [self._result(asked, pictures) for asked in self._asked.get(place, ())]
        return [*said, {"role": "user", "content": pictures}] if pictures else said

    def _call(self, asked: Asked) -> Json:
        call = asked.part.tool_call
        function = {"name": call.name, "arguments": arguments_of(call, asked.path, self._listener)}
        said: Json = {"id": asked.id, "type": "function", "function": function}
        add_state(said, asked.part, asked.path, self._listener)
        return said

    def _result(self, asked: Asked, pictures: list[Json]) -> Json:
        result, listener = asked.result.tool_result, self._listener
        shown = self._shown(asked)
        text: Json = {"type": "text", "text": result.text or (_FAILED if result.is_error else "")}
        said: Json = {"role": "tool", "tool_call_id": asked.id, "content": text["text"]}
        if shown and not listener.dialect.tool_images:
            listener.downgrades(f"{asked.result_path}.tool_result.images", "shown in a user message behind the results")
            pictures += [{"type": "text", "text": f"Pictures in the result of tool call {asked.id}:"}, *shown]
            shown = []
        if asked.result.cache_breakpoint and listener.dialect.cache_control and not listener.dialect.flatten_text:
            text["cache_control"] = {"type": "ephemeral"}
        if shown or "cache_control" in text:
            said["content"] = [text, *shown]
        return said

    def _shown(self, asked: Asked) -> list[Json]:
        path = f"{asked.result_path}.tool_result.images"
        images = asked.result.tool_result.images
        if images and self._listener.dialect.flatten_text:
            raise unsupported(path, "this provider takes text only")
        return [image_of(image, f"{path}[{place}]", self._listener) for place, image in enumerate(images)]
