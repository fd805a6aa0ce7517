"""Token counts, which every vendor writes in its own way (PROVIDERS.md 2.6), as the contract counts them."""

from mainstay import v1 as pb
from service.providers.values import Json, count_of, object_of

_PLAIN = frozenset({"prompt_tokens", "completion_tokens", "total_tokens"})


def usage_of(said: Json) -> pb.Usage | None:
    """The counts, or None if there are none.

    They are the provider's own. Azure's Grok counted 163 cached tokens of 7, and which of the two is wrong only a bill
    can tell: whoever computes with them bounds them.
    """
    prompt, completion = count_of(said.get("prompt_tokens")), count_of(said.get("completion_tokens"))
    if prompt is None and completion is None:
        return None
    prompt, completion = prompt or 0, completion or 0
    if said.keys() <= _PLAIN:
        return pb.Usage(input_tokens=prompt, output_tokens=completion)
    details = object_of(said.get("prompt_tokens_details"))
    reasoning = _first_count(
        object_of(said.get("completion_tokens_details")).get("reasoning_tokens"),
        said.get("reasoning_tokens"),  # Copilot
    )
    return pb.Usage(
        input_tokens=prompt,
        output_tokens=completion + _left_out(prompt, completion, reasoning, count_of(said.get("total_tokens"))),
        cached_input_tokens=_first_count(
            details.get("cached_tokens"),
            said.get("prompt_cache_hit_tokens"),  # DeepSeek
            said.get("cached_tokens"),  # Moonshot
            said.get("num_cached_tokens"),  # Mistral
            said.get("cache_read_input_tokens"),  # Databricks
        ),
        cache_write_tokens=_first_count(details.get("cache_write_tokens"), said.get("cache_creation_input_tokens")),
        reasoning_tokens=reasoning,
    )


def _left_out(prompt: int, completion: int, reasoning: int | None, total: int | None) -> int:
    """XAI's completion count leaves the reasoning out, and its total gives that away."""
    return reasoning if reasoning and total == prompt + completion + reasoning else 0


def _first_count(*values: object) -> int | None:
    for value in values:
        if value is not None and (count := count_of(value)) is not None:
            return count
    return None
