"""The blocks of an answer, and what each says of itself while it is streamed."""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from service.simulator.answers import Answer, ToolCall
from service.simulator.anthropic.thinking import redacted, signature_of
from service.simulator.protocol import Json
from service.simulator.question import Question
from service.simulator.tokens import tokens

REDACTING = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_"


@dataclass(frozen=True, slots=True)
class Said:
    """A block: as it begins, piece by piece, what ends it, and as a whole."""

    begins: Json
    deltas: tuple[Json, ...]
    whole: Json
    ends: tuple[Json, ...] = ()


def content_of(question: Question, answer: Answer, whole_calls: bool = False) -> Iterator[Said]:
    """Thoughts, then the text or the calls. Anthropic's own magic words redact the thoughts."""
    if answer.thoughts and REDACTING in question.text:
        block = {"type": "redacted_thinking", "data": redacted(question.digest)}
        yield Said(block, (), block)
    elif answer.thoughts:
        yield _thinking(answer.thoughts if question.shows_thoughts else "", question.digest)
    if answer.text:
        deltas = tuple({"type": "text_delta", "text": token} for token in tokens(answer.text))
        yield Said({"type": "text", "text": ""}, deltas, {"type": "text", "text": answer.text})
    for call in answer.calls:
        yield _tool_use(call, whole_calls)


def _thinking(thoughts: str, digest: str) -> Said:
    signature = signature_of(digest, thoughts)
    return Said(
        begins={"type": "thinking", "thinking": "", "signature": ""},
        deltas=tuple({"type": "thinking_delta", "thinking": token} for token in tokens(thoughts)),
        whole={"type": "thinking", "thinking": thoughts, "signature": signature},
        ends=({"type": "signature_delta", "signature": signature},),
    )


def _tool_use(call: ToolCall, whole: bool) -> Said:
    """A call: while it is streamed its first fragment is empty, as Anthropic has it."""
    block = {"type": "tool_use", "id": f"toolu_{call.id.removeprefix('call_')}", "name": call.name}
    fragments = [call.arguments] if whole else ["", *tokens(call.arguments)]
    return Said(
        begins={**block, "input": {}},
        deltas=tuple({"type": "input_json_delta", "partial_json": fragment} for fragment in fragments),
        whole={**block, "input": orjson.loads(call.arguments)},
    )
