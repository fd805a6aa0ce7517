"""The top-level parameters of the dialect: which keys are known, and the shape of each.

The keys are OpenAI's own and those that OpenAI-compatible vendors add; a key that is not here is
refused, so that a misspelt parameter never passes unseen. `null` means unset everywhere.
"""

from collections.abc import Callable, Mapping

from service.simulator.openai.refusals import missing, out_of_range, unknown, wrong_type, wrong_value
from service.simulator.refusal import Refusal

Check = Callable[[object, str], None]


def check_parameters(body: Mapping[str, object]) -> None:
    """Raise `Refusal` unless every key of `body` is known and has its shape."""
    for key in ("model", "messages"):
        if body.get(key) is None:
            raise missing(key)
    for key, value in body.items():
        if key not in _PARAMETERS:
            raise unknown(key)
        if value is not None:
            _PARAMETERS[key](value, key)
    if body.get("max_tokens") is not None and body.get("max_completion_tokens") is not None:
        raise Refusal(_BOTH_LIMITS, "max_tokens", "invalid_parameter_combination")


def _anything(value: object, param: str) -> None:
    """Vendors disagree about the shape."""


def _string(value: object, param: str) -> None:
    if not isinstance(value, str):
        raise wrong_type(param, "a string")


def _name(value: object, param: str) -> None:
    _string(value, param)
    if not value:
        raise wrong_value(param, "a name that is not empty")


def _boolean(value: object, param: str) -> None:
    if not isinstance(value, bool):
        raise wrong_type(param, "a boolean")


def _object(value: object, param: str) -> None:
    if not isinstance(value, Mapping):
        raise wrong_type(param, "an object")


def _list(value: object, param: str) -> None:
    if not isinstance(value, list):
        raise wrong_type(param, "an array")


def _number(low: float, high: float) -> Check:
    def check(value: object, param: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise wrong_type(param, "a number")
        if not low <= value <= high:
            raise out_of_range(param, "decimal", low, high, value)

    return check


def _integer(low: int, high: int) -> Check:
    def check(value: object, param: str) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise wrong_type(param, "an integer")
        if not low <= value <= high:
            raise out_of_range(param, "integer", low, high, value)

    return check


def _stop(value: object, param: str) -> None:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise wrong_type(param, "a string or an array of strings")
    if len(words) > 16 or "" in words:
        raise wrong_value(param, "at most 16 sequences, none of them empty")


def _stream_options(value: object, param: str) -> None:
    if not isinstance(value, Mapping):
        raise wrong_type(param, "an object")
    for key, option in value.items():
        if key not in _STREAM_OPTIONS:
            raise unknown(f"{param}.{key}")
        _boolean(option, f"{param}.{key}")


# What OpenAI-compatible vendors add.
_VENDOR_KEYS = (
    "cache_control", "chat_template_kwargs", "clear_thinking", "do_sample", "enable_search", "fps",
    "ignore_eos", "include_reasoning", "keep_alive", "min_p", "min_tokens", "models", "options",
    "penalty_score", "plugins", "preserve_thinking", "prompt_mode", "provider", "random_seed",
    "reasoning", "reasoning_format", "reasoning_split", "repetition_penalty", "request_id",
    "response_modalities", "route", "safe_prompt", "search_options", "search_parameters", "session_id",
    "stop_token_ids", "thinking_budget", "tool_stream", "top_a", "transforms", "usage", "user_id",
    "venice_parameters", "vl_high_resolution_images", "web_search",
)  # fmt: skip

_STREAM_OPTIONS = ("include_usage", "include_obfuscation", "chunk_include_usage", "continuous_usage_stats")
_BOTH_LIMITS = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
_INT64 = 2**63 - 1
_PENALTY = _number(-2, 2)
_ANSWER_TOKENS = _integer(1, 10_000_000)

_PARAMETERS: dict[str, Check] = {
    "model": _name,
    "messages": _list,
    "temperature": _number(0, 2),
    "top_p": _number(0, 1),
    "top_k": _integer(-1, _INT64),
    "n": _integer(1, 128),  # answered with one choice
    "max_tokens": _ANSWER_TOKENS,
    "max_completion_tokens": _ANSWER_TOKENS,
    "stop": _stop,
    "seed": _integer(-_INT64, _INT64),
    "presence_penalty": _PENALTY,
    "frequency_penalty": _PENALTY,
    "logit_bias": _object,
    "logprobs": _boolean,
    "top_logprobs": _integer(0, 20),
    "stream": _boolean,
    "stream_options": _stream_options,
    "tools": _list,
    "tool_choice": _anything,
    "parallel_tool_calls": _boolean,
    "response_format": _object,
    "reasoning_effort": _string,
    "thinking": _object,
    "enable_thinking": _boolean,
    "user": _string,
    "metadata": _object,
    "store": _boolean,
    "service_tier": _string,
    "verbosity": _string,
    "prediction": _object,
    "modalities": _list,
    "audio": _object,
    "web_search_options": _object,
    "safety_identifier": _string,
    "prompt_cache_key": _string,
    "prompt_cache_options": _object,
    "prompt_cache_retention": _string,
    "moderation": _object,
    "functions": _list,
    "function_call": _anything,
    **dict.fromkeys(_VENDOR_KEYS, _anything),
}
