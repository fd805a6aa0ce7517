"""Writes the results of tools: all of one turn, before anything else in the turn behind it."""

from collections.abc import Sequence

from service.providers.anthropic.blocks import marked
from service.providers.anthropic.listener import Listener
from service.providers.anthropic.media import image_of
from service.providers.tool_loops import Asked
from service.providers.values import Json


def results_of(asked: Sequence[Asked], listener: Listener) -> list[Json]:
    """A block for each call, and behind them the pictures that may not stand inside. Raises Failure."""
    pictures: list[Json] = []
    blocks = [_result(one, pictures, listener) for one in asked]
    return [*blocks, *pictures]


def _result(asked: Asked, pictures: list[Json], listener: Listener) -> Json:
    result = asked.result.tool_result
    path = f"{asked.result_path}.tool_result.images"
    block: Json = {"type": "tool_result", "tool_use_id": asked.id}
    shown = [image_of(image, f"{path}[{place}]", listener) for place, image in enumerate(result.images)]
    if shown and result.is_error:  # which must be text alone
        listener.downgrades(path, "shown behind the results: an error has no pictures")
        pictures += [{"type": "text", "text": f"Pictures in the result of {asked.id}:"}, *shown]
        shown = []
    if shown:
        block["content"] = [*([{"type": "text", "text": result.text}] if result.text.strip() else []), *shown]
    elif result.text:
        block["content"] = result.text
    if result.is_error:
        block["is_error"] = True
    return marked(block, asked.result, listener)
