"""The rules of thought signatures: what has one, and which calls must bring theirs back."""

import base64
from collections.abc import Sequence
from fnmatch import fnmatchcase

from service.simulator.gemini.parts import Content, FunctionCall, Part
from service.simulator.refusal import Refusal
from service.simulator.signatures import is_genuine, sign

_SKIP = "skip_thought_signature_validator"
_SKIPS = (_SKIP, base64.b64encode(_SKIP.encode()).decode())
_LENIENT = ("gemini-1*", "gemini-2*", "gemma*", "*-image*")
_LOST = "Function call `{}` in the `{}.` content block is missing a `thought_signature`."
_ALTERED = "Thought signature is not valid: contents[{}].parts[{}]."


def signature_of_call(digest: str, name: str, args: object) -> str:
    """What is sent along with the first call of a step."""
    return sign(digest, "call", name, args)


def signature_of_text(digest: str) -> str:
    """What is sent along with text that was thought about; the text itself may be put together differently."""
    return sign(digest, "text")


def check_signatures(contents: Sequence[Content], model: str) -> None:
    """Raise `Refusal` where a signature was altered, or is missing in the turn that is still open."""
    demanded_from = _turn(contents) if _demands(model) else len(contents)
    for number, content in enumerate(contents):
        for index, part in enumerate(content.parts):
            if part.thought_signature is not None and not _is_good(part):
                raise Refusal(_ALTERED.format(number, index), f"contents[{number}].parts[{index}]", None)
        first = next((part for part in content.parts if part.function_call), None)
        if number >= demanded_from and first is not None and first.thought_signature is None:
            assert first.function_call is not None
            raise Refusal(_LOST.format(first.function_call.name, number + 1), f"contents[{number}]")


def _demands(model: str) -> bool:
    name = model.partition("+")[0].rpartition("/")[2]
    return not any(fnmatchcase(name, pattern) for pattern in _LENIENT)


def _turn(contents: Sequence[Content]) -> int:
    """Where the turn begins that is still open: after what the user said last, which is not a function's response."""
    said = (n for n in reversed(range(len(contents))) if contents[n].role != "model" and _speaks(contents[n]))
    return next(said, -1) + 1


def _speaks(content: Content) -> bool:
    return any(part.function_response is None for part in content.parts)


def _is_good(part: Part) -> bool:
    signature = part.thought_signature or ""
    match part.function_call:
        case FunctionCall(name=name, args=args):
            return signature in _SKIPS or is_genuine(signature, "call", name, args)
        case _:
            return signature in _SKIPS or is_genuine(signature, "text")
