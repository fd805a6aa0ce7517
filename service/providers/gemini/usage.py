"""Token counts as the contract counts them (PROVIDERS.md 2.6)."""

from mainstay import v1 as pb
from service.providers.values import Json

MOST = 1 << 53  # no count is larger; sums stay far within int64


def usage_of(said: Json) -> pb.Usage | None:
    """The counts, or None if there are none, as in the first chunks of Vertex.

    Google counts the results of its own tools beside the prompt, and thoughts beside the answer; both are ours, too.
    """
    prompt, answer = _count(said.get("promptTokenCount")), _count(said.get("candidatesTokenCount"))
    tools, thoughts = _count(said.get("toolUsePromptTokenCount")), _count(said.get("thoughtsTokenCount"))
    if prompt is None and answer is None and thoughts is None:
        return None
    return pb.Usage(
        input_tokens=(prompt or 0) + (tools or 0),
        output_tokens=(answer or 0) + (thoughts or 0),
        cached_input_tokens=_count(said.get("cachedContentTokenCount")),
        reasoning_tokens=thoughts,
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value <= MOST else None
