"""Reads a request the way Anthropic does: into a `Question`, or a `Refusal`."""

from collections.abc import Iterator, Mapping

import orjson

from service.simulator.anthropic.blocks import Block, Document, Image, Text, ToolResult, ToolUse
from service.simulator.anthropic.conversation import check_conversation
from service.simulator.anthropic.family import family_of
from service.simulator.anthropic.parameters import check_parameters
from service.simulator.anthropic.refusals import wrong
from service.simulator.anthropic.request import Request
from service.simulator.anthropic.shape import Hosted, shaped
from service.simulator.anthropic.thinking import check_thinking, thinks
from service.simulator.anthropic.tooling import toolbox_of
from service.simulator.anthropic.turns import Turn
from service.simulator.body import digest, parsed
from service.simulator.protocol import Asked
from service.simulator.question import Message, Question
from service.simulator.refusal import Refusal

_STREAM_ON_VERTEX = "streamRawPredict"


def read_question(asked: Asked) -> Question:
    """The question that the request asks; raises `Refusal`. Vertex has the model in its address."""
    given = parsed(asked.body)
    version = _version(asked, given)
    name = asked.place.get("model") or given.get("model")
    family = family_of(name if isinstance(name, str) else "")
    request = shaped(Request, given, strictly=family.strict)
    if not isinstance(name, str):
        raise wrong("model", "Field required")
    turns = check_conversation(request, family)
    toolbox = toolbox_of(request, turns, family)
    check_thinking(request, turns, family, asked.headers.get("anthropic-beta", ""))
    check_parameters(request, turns, family, version)
    display = getattr(request.thinking, "display", None)
    return Question(
        model=name,
        digest=digest({**given, "model": name}, but=("stream",)),
        messages=(*_standing(request), *_messages(turns)),
        toolbox=toolbox,
        schema=request.schema_asked,
        max_tokens=request.max_tokens,
        stop=tuple(request.stop_sequences or ()),
        stream=request.stream is True or asked.place.get("method") == _STREAM_ON_VERTEX,
        thinks=thinks(request, family),
        shows_thoughts=display != "omitted" if display else not family.omits,
    )


def _version(asked: Asked, given: Mapping[str, object]) -> str:
    """The version of the API: it stands in a header, and on Vertex, which wants no model there, in the body."""
    if "method" in asked.place:
        if not isinstance(version := given.get("anthropic_version"), str):
            raise wrong("anthropic_version", "Field required")
        if "model" in given:
            raise wrong("model", "Extra inputs are not permitted")
        return version.removeprefix("vertex-")
    if "anthropic_version" in given:
        raise wrong("anthropic_version", "Extra inputs are not permitted")
    if not (said := asked.headers.get("anthropic-version")):
        raise Refusal("anthropic-version: header is required", "anthropic-version")
    return said


def _standing(request: Request) -> Iterator[Message]:
    if request.system:
        yield Message("system", _text(tuple(request.system)))
    for message in request.messages:
        if message.role == "system":
            yield Message("system", _text(tuple(message.content)))


def _messages(turns: tuple[Turn, ...]) -> Iterator[Message]:
    names: dict[str, str] = {}
    for turn in turns:
        blocks = tuple(placed.block for placed in turn.blocks)
        if turn.role == "assistant":
            names |= {block.id: block.name for block in blocks if isinstance(block, ToolUse)}
            yield Message("assistant", _text(blocks), _attachments(blocks))
            continue
        results = [block for block in blocks if isinstance(block, ToolResult)]
        for result in results:
            content = tuple(result.content or ())
            yield Message("tool", _text(content), _attachments(content), names[result.tool_use_id])
        if len(results) < len(blocks):
            yield Message("user", _text(blocks), _attachments(blocks))


def _text(blocks: tuple[Block, ...]) -> str:
    """What blocks say; of a call, that it is made."""
    return "\n".join(_said(block) for block in blocks if isinstance(block, Text | ToolUse))


def _said(block: Text | ToolUse) -> str:
    return block.text if isinstance(block, Text) else f"{block.name} {orjson.dumps(block.input).decode()}"


def _attachments(blocks: tuple[Block, ...]) -> int:
    return sum(isinstance(block, Image | Document | Hosted) for block in blocks)
