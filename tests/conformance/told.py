"""What came out of a real client, in the words in which recordings are told."""

from dataclasses import dataclass, field

from mainstay import MainstayError
from mainstay import v1 as pb


@dataclass(frozen=True, slots=True)
class Called:
    """A tool call, its arguments as the model wrote them."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Told:
    """An answer, or a failure by its kind."""

    text: str = ""
    reasoning: str = ""
    calls: list[Called] = field(default_factory=list)
    finish: str = ""
    usage: dict[str, int | None] | None = None
    failure: str = ""
    message: str = ""


def told_by(response: pb.ChatResponse) -> Told:
    """What an answer says."""
    parts = response.message.parts
    calls = [part.tool_call for part in parts if part.HasField("tool_call")]
    return Told(
        text="".join(part.text for part in parts),
        reasoning="".join(part.reasoning.text for part in parts),
        calls=[Called(call.id, call.name, call.arguments_json) for call in calls],
        finish=response.provider_finish_reason,
        usage=_counts(response.usage) if response.HasField("usage") else None,
    )


def failed_with(error: MainstayError) -> Told:
    """What a failure says."""
    return Told(failure=str(error.reason) or error.code.name, message=error.message)


def _counts(usage: pb.Usage) -> dict[str, int | None]:
    return {
        "prompt": usage.input_tokens,
        "completion": usage.output_tokens,
        "cached": usage.cached_input_tokens if usage.HasField("cached_input_tokens") else None,
        "cache_write": usage.cache_write_tokens if usage.HasField("cache_write_tokens") else None,
        "reasoning": usage.reasoning_tokens if usage.HasField("reasoning_tokens") else None,
    }
