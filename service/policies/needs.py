"""What a question cannot be answered without.

Only what nobody can leave out or say in other words is a need. A schema is none, because an instruction stands in for
it; neither is a wish about thinking, sampling or length, which is weakened and reported as an adjustment.
"""

from collections.abc import Callable, Collection, Mapping

from mainstay import v1 as pb
from service.chat.capabilities import Ability

WISHES = frozenset({Ability.FORCED_TOOL_CHOICE})
"""Whoever lacks these can still answer, only not quite as asked: it is asked last."""
LACKS: Mapping[Ability, str] = {
    Ability.TOOLS: "tools: {} calls none",
    Ability.IMAGES: "images: {} reads none",
    Ability.FILES: "files: {} reads no documents",
    Ability.PREFILL: "messages: {} does not go on where the assistant has begun",
    Ability.FORCED_TOOL_CHOICE: "tool_choice: {} cannot be told that it must call a tool, so it is asked last",
}
"""In words; the braces stand for the target."""


def needed(request: pb.ChatRequest, among: Collection[Ability]) -> frozenset[Ability]:
    """Those of `among` that the request needs. Goes through the conversation only for pictures and documents."""
    needs = {ability for ability, is_needed in _AT_A_GLANCE.items() if ability in among and is_needed(request)}
    if media := _MEDIA.intersection(among):
        needs |= media & _media_of(request)
    return frozenset(needs)


def _has_tools(request: pb.ChatRequest) -> bool:
    return len(request.tools) > 0


def _forces_tools(request: pb.ChatRequest) -> bool:
    choice = request.tool_choice
    return len(request.tools) > 0 and (choice.mode == pb.TOOL_MODE_REQUIRED or choice.HasField("tool_name"))


def _begins_the_answer(request: pb.ChatRequest) -> bool:
    """In words; a turn that ends with a call or a block of the provider's own is another matter."""
    last = request.messages[-1] if request.messages else None
    if last is None or last.role != pb.ROLE_ASSISTANT:
        return False
    return all(part.WhichOneof("content") in ("text", "reasoning") for part in last.parts)


_AT_A_GLANCE: Mapping[Ability, Callable[[pb.ChatRequest], bool]] = {
    Ability.TOOLS: _has_tools,
    Ability.PREFILL: _begins_the_answer,
    Ability.FORCED_TOOL_CHOICE: _forces_tools,
}
_MEDIA = frozenset(Ability) - _AT_A_GLANCE.keys()


def _media_of(request: pb.ChatRequest) -> set[Ability]:
    found: set[Ability] = set()
    for message in request.messages:
        for part in message.parts:
            if part.text:  # as most are
                continue
            if part.HasField("file"):
                found.add(Ability.FILES)
            elif part.HasField("image") or len(part.tool_result.images) > 0:
                found.add(Ability.IMAGES)
    return found
