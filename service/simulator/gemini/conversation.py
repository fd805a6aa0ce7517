"""The rules that contents keep: the user begins, no turn is empty, and every function call has its response."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import orjson

from service.simulator.gemini.parts import DATA, Content, FunctionResponse, Part
from service.simulator.gemini.refusals import wrong
from service.simulator.question import Message, Role
from service.simulator.refusal import Refusal

_ROLES = (None, "user", "model", "function")
_MISCOUNTED = (
    "Please ensure that the number of function response parts is equal to the number of function call parts "
    "of the function call turn."
)


def check_contents(contents: Sequence[Content]) -> None:
    """Raise `Refusal` where they are broken."""
    if not contents:
        raise wrong("contents", "contents is not specified")
    for number, content in enumerate(contents):
        if content.role not in _ROLES:
            raise Refusal("Please use a valid role: user, model.", f"contents[{number}].role")
        check_parts(content.parts, f"contents[{number}].parts")
    if contents[0].role == "model":
        raise wrong("contents[0].role", "the first turn must be the user's")
    _check_calls(contents)


def check_parts(parts: Sequence[Part], at: str) -> None:
    """Raise `Refusal` where there is none, or one that holds nothing or two things."""
    if not parts:
        raise wrong(at, "contents.parts must not be empty.")
    for index, part in enumerate(parts):
        held = [name for name in DATA if getattr(part, name) is not None]
        if not held:
            raise wrong(f"{at}[{index}].data", "required oneof field 'data' must have one initialized field")
        if len(held) > 1:
            raise wrong(f"{at}[{index}].data", f"oneof field 'data' is already set: {held[0]}, {held[1]}")


def messages_of(contents: Iterable[Content]) -> Iterator[Message]:
    """What was said, for the answer."""
    for content in contents:
        for part in content.parts:
            if part.function_response is not None:
                yield _result(part.function_response)
        said = [part for part in content.parts if part.function_response is None]
        if said:
            role: Role = "assistant" if content.role == "model" else "user"
            text = "\n".join(part.text for part in said if part.text and not part.thought)
            yield Message(role, text, sum(1 for part in said if part.inline_data or part.file_data))


def _result(given: FunctionResponse) -> Message:
    only = next(iter(given.response.values()), None) if len(given.response) == 1 else None
    text = only if isinstance(only, str) else orjson.dumps(given.response).decode()
    return Message("tool", text, len(given.parts or ()), given.name)


def _check_calls(contents: Sequence[Content]) -> None:
    waiting = 0
    for is_model, turn in groupby(contents, key=lambda content: content.role == "model"):
        parts = [part for content in turn for part in content.parts]
        if is_model:
            waiting = sum(1 for part in parts if part.function_call is not None)
        elif waiting != sum(1 for part in parts if part.function_response is not None):
            raise Refusal(_MISCOUNTED, "contents")
        else:
            waiting = 0
    if waiting:
        raise Refusal(_MISCOUNTED, "contents")
