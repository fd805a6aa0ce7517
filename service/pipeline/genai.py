"""Attempts as OpenTelemetry's conventions for generative AI have them.

Source: open-telemetry/semantic-conventions-genai, docs/gen-ai/client-inference.md, as of November 2026 (status:
Development, so names still move). Tokens stand on attempts only: backends add them up over all spans.
"""

from collections.abc import Iterator

from opentelemetry.util.types import AttributeValue

from mainstay import v1 as pb
from service.chat.call import Call
from service.chat.spans import readable

PROVIDERS = {
    "anthropic": "anthropic",
    "azure": "azure.ai.openai",
    "deepseek": "deepseek",
    "gemini": "gcp.gemini",
    "groq": "groq",
    "mistral": "mistral_ai",
    "openai": "openai",
    "xai": "x_ai",
}
"""Rows of our catalog that the conventions have a name of their own for; others go by ours."""

_OPTIONAL = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "max_output_tokens": "gen_ai.request.max_tokens",
    "seed": "gen_ai.request.seed",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
}
_CAUSES = {number: name.removeprefix("ATTEMPT_CAUSE_").lower() for name, number in pb.AttemptCause.items()}
_OUTCOMES = {number: name.removeprefix("ATTEMPT_OUTCOME_").lower() for name, number in pb.AttemptOutcome.items()}
_FINISHES = {number: name.removeprefix("FINISH_REASON_").lower() for name, number in pb.FinishReason.items()}

Attributes = dict[str, AttributeValue]


def asked(call: Call, row: pb.Attempt) -> Attributes:
    """What is known of an attempt before it is made. Never what was asked."""
    request = call.request
    attributes: Attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": PROVIDERS.get(row.provider, row.provider),
        "gen_ai.request.model": readable(row.model),
        "mainstay.provider": row.provider,
        "mainstay.attempt.number": row.number,
        "mainstay.attempt.cause": _CAUSES[row.cause],
    }
    if call.asks_for_stream:
        attributes["gen_ai.request.stream"] = True
    for field, key in _OPTIONAL.items():
        if request.HasField(field):  # type: ignore[arg-type]  # the stubs take literals only
            attributes[key] = getattr(request, field)
    if request.stop:
        attributes["gen_ai.request.stop_sequences"] = list(request.stop)
    if request.HasField("response_format"):
        attributes["gen_ai.output.type"] = "json"
    return attributes


def came_of_it(row: pb.Attempt) -> Attributes:
    """What is known of an attempt once it is over."""
    attributes: Attributes = {"mainstay.attempt.outcome": _OUTCOMES[row.outcome]}
    if row.provider_request_id:
        attributes["mainstay.provider.request_id"] = row.provider_request_id
    if row.HasField("usage") and not row.usage.estimated:  # they are added up by people who take them for counted
        attributes.update(_tokens(row.usage))
    return attributes


def finish(response: pb.ChatResponse) -> list[str]:
    """Why the model stopped, in the provider's word for it, or ours; one, as there is one answer."""
    return [response.provider_finish_reason or _FINISHES[response.finish_reason]]


def _tokens(usage: pb.Usage) -> Iterator[tuple[str, int]]:
    """Input includes what was cached, output what was thought; theirs say so, too."""
    yield "gen_ai.usage.input_tokens", usage.input_tokens
    yield "gen_ai.usage.output_tokens", usage.output_tokens
    if usage.HasField("cached_input_tokens"):
        yield "gen_ai.usage.cache_read.input_tokens", usage.cached_input_tokens
    if usage.HasField("cache_write_tokens"):
        yield "gen_ai.usage.cache_write.input_tokens", usage.cache_write_tokens
    if usage.HasField("reasoning_tokens"):
        yield "gen_ai.usage.reasoning.output_tokens", usage.reasoning_tokens
