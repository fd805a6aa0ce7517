"""Why the model stopped: Google's words for it (PROVIDERS.md 2.5) as the contract's."""

from mainstay import v1 as pb
from service.chat.failures import Failure
from service.providers.bounds import LONGEST_WORD
from service.providers.redaction import readable

_NUMBERS = {1: "STOP", 2: "MAX_TOKENS", 3: "SAFETY", 4: "RECITATION", 5: "OTHER"}
"""For those who ask for numbers in the URL; above these Google AI and Vertex differ."""
_LENGTH = frozenset({"MAX_TOKENS", "CONTINUATION"})
_FILTERED = frozenset(
    {
        *("SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "ESCALATION"),
        *("JAILBREAK",),  # of a prompt
    }
)
_BAD = frozenset({"MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"})
"""The model said what nobody can use."""
_UNSIGNED = "MISSING_THOUGHT_SIGNATURE"


def finish_word(said: object) -> str:
    """The provider's word as it came; "" for none."""
    if type(said) is int:
        return str(said) if said > 0 else ""
    return said[:LONGEST_WORD] if isinstance(said, str) and not said.endswith("_UNSPECIFIED") else ""


def finish_reason(word: str, *, calls: bool) -> pb.FinishReason.ValueType:
    """The reason that `word` stands for; "" is a whole answer that does not say why. `calls`: tools were called.

    There is no word for tool calls: it is STOP.
    """
    word = _named(word)
    if word in ("", "STOP"):
        return pb.FINISH_REASON_TOOL_CALLS if calls else pb.FINISH_REASON_STOP
    if word in _LENGTH:
        return pb.FINISH_REASON_LENGTH
    if word in _FILTERED or word.startswith("IMAGE_"):
        return pb.FINISH_REASON_CONTENT_FILTER
    return pb.FINISH_REASON_OTHER


def expect_usable(word: str, message: str, *, said: bool) -> None:
    """Raises Failure where the model stopped because it failed. `said`: it had said something by then."""
    word = _named(word)
    detail = f"the model stopped with {word}{f': {readable(message)}' if message else ''}"
    if word == _UNSIGNED:
        raise Failure(pb.FAILURE_KIND_REJECTED_PARAMETER, detail)
    if word in _BAD or (word == "OTHER" and not said):
        raise Failure(pb.FAILURE_KIND_MALFORMED, detail)


def _named(word: str) -> str:
    return _NUMBERS.get(int(word), word) if len(word) == 1 and word.isdecimal() and word.isascii() else word
