"""Why the model stopped: the vendors' words for it (PROVIDERS.md 2.5) as the contract's."""

from collections.abc import Mapping

from mainstay import v1 as pb

BROKE = frozenset({"insufficient_system_resource", "network_error", "error"})
"""Words that say that the provider failed: DeepSeek, Zhipu, and Mistral with OpenRouter."""

_WORDS: Mapping[pb.FinishReason.ValueType, tuple[str, ...]] = {
    pb.FINISH_REASON_STOP: ("stop", "end_turn", "stop_sequence", "eos"),
    pb.FINISH_REASON_LENGTH: ("length", "max_tokens", "model_length", "model_context_window_exceeded"),
    pb.FINISH_REASON_TOOL_CALLS: ("tool_calls", "tool_call", "tool_use", "function_call"),
    pb.FINISH_REASON_CONTENT_FILTER: (
        "content_filter",
        "sensitive",
        "safety",
        "recitation",
        "blocklist",
        "prohibited_content",
        "spii",
    ),
    pb.FINISH_REASON_REFUSAL: ("refusal",),
    pb.FINISH_REASON_PAUSE: ("pause_turn",),
}
_REASONS = {word: reason for reason, words in _WORDS.items() for word in words}


def finish_reason(word: str, *, calls: bool, refused: bool) -> pb.FinishReason.ValueType:
    """The reason that `word` stands for; "" is a vendor that never says why. `calls`: tools were called.

    Where the word and the answer disagree, the answer is right: OpenAI and others say `stop` after a forced
    tool call, and a caller that was told TOOL_CALLS without a call would wait for nothing.
    """
    if refused:
        return pb.FINISH_REASON_REFUSAL
    reason = _REASONS.get(word.lower(), pb.FINISH_REASON_OTHER) if word else pb.FINISH_REASON_STOP
    if reason in (pb.FINISH_REASON_STOP, pb.FINISH_REASON_TOOL_CALLS):
        return pb.FINISH_REASON_TOOL_CALLS if calls else pb.FINISH_REASON_STOP
    return reason
