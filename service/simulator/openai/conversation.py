"""Reads `messages`: known roles and parts, and every tool call answered before the talk goes on."""

from collections.abc import Mapping

from service.simulator.openai.images import check_image
from service.simulator.openai.refusals import empty, missing, unknown, wrong_type, wrong_value
from service.simulator.question import Message
from service.simulator.refusal import Refusal

_KEYS = {
    "role", "content", "name", "refusal", "audio", "tool_calls", "tool_call_id", "function_call",
    "reasoning", "reasoning_content", "reasoning_details", "cache_control", "prefix", "images", "annotations",
}  # fmt: skip
_PARTS = {"text", "image_url", "input_audio", "file", "video_url", "refusal", "thinking"}
_INSTEAD_OF_CONTENT = ("tool_calls", "function_call", "refusal", "audio", "reasoning_content")
_UNANSWERED = "'tool_calls' must be followed by a tool message for each 'tool_call_id'."
_UNASKED = "A tool message must answer a 'tool_call_id' of the preceding 'tool_calls'."


def read_messages(given: object) -> tuple[Message, ...]:
    """The messages of a request; raises `Refusal`."""
    if not isinstance(given, list):
        raise wrong_type("messages", "an array")
    if not given:
        raise empty("messages")
    reader = _Reader()
    messages = tuple(reader.read(message, f"messages[{n}]") for n, message in enumerate(given))
    reader.expect_no_open_call(f"messages[{len(given) - 1}]")
    return messages


class _Reader:
    """Remembers the tool calls that still wait for their result: id and tool name."""

    def __init__(self) -> None:
        self._open: dict[str, str] = {}

    def read(self, given: object, at: str) -> Message:
        message = _object(given, at)
        for key in message:
            if key not in _KEYS:
                raise unknown(f"{at}.{key}")
        match message.get("role"):
            case "tool":
                tool = self._answered(message, at)
                return Message("tool", *_content(message, at), tool)
            case "assistant":
                self.expect_no_open_call(at)
                self._open = _calls(message, at)
                return Message("assistant", *_spoken(message, at))
            case "system" | "developer" | "user" as role:
                self.expect_no_open_call(at)
                return Message(role, *_content(message, at))
            case None:
                raise missing(f"{at}.role")
            case _:
                raise wrong_value(f"{at}.role", "system, developer, user, assistant or tool")

    def expect_no_open_call(self, at: str) -> None:
        """Raise `Refusal` where a tool call was left without its result."""
        if self._open:
            raise Refusal(f"{_UNANSWERED} Missing: {', '.join(self._open)}.", at)

    def _answered(self, message: Mapping[str, object], at: str) -> str:
        wanted = message.get("tool_call_id")
        if not isinstance(wanted, str) or wanted not in self._open:
            raise Refusal(_UNASKED, f"{at}.tool_call_id", "invalid_value")
        return self._open.pop(wanted)


def _calls(message: Mapping[str, object], at: str) -> dict[str, str]:
    given = message.get("tool_calls")
    if given is None:
        return {}
    if not isinstance(given, list) or not given:
        raise wrong_type(f"{at}.tool_calls", "an array that is not empty")
    calls = {}
    for n, item in enumerate(given):
        place = f"{at}.tool_calls[{n}]"
        call = _object(item, place)
        function = _object(call.get("function"), f"{place}.function")
        _string(function.get("arguments"), f"{place}.function.arguments")
        name = _string(function.get("name"), f"{place}.function.name")
        calls[_string(call.get("id"), f"{place}.id")] = name
    if len(calls) < len(given):
        raise wrong_value(f"{at}.tool_calls", "a different id for each call")
    return calls


def _spoken(message: Mapping[str, object], at: str) -> tuple[str, int]:
    """What an assistant said; it may be nothing, where it called tools, declined or only thought."""
    if message.get("content") not in (None, []):
        return _content(message, at)
    if any(message.get(key) for key in _INSTEAD_OF_CONTENT):
        return "", 0
    raise missing(f"{at}.content")


def _content(message: Mapping[str, object], at: str) -> tuple[str, int]:
    """The text and the number of attachments."""
    content = message.get("content")
    if isinstance(content, str):
        return content, 0
    if content is None:
        raise missing(f"{at}.content")
    if not isinstance(content, list) or not content:
        raise wrong_type(f"{at}.content", "a string or an array of parts")
    texts = [_part(part, f"{at}.content[{n}]") for n, part in enumerate(content)]
    return "\n".join(text for text in texts if text is not None), texts.count(None)


def _part(given: object, at: str) -> str | None:
    """The text of a text part; None for an attachment."""
    part = _object(given, at)
    if (kind := part.get("type")) is None:
        raise missing(f"{at}.type")
    if kind not in _PARTS:
        raise wrong_value(f"{at}.type", f"one of {', '.join(sorted(_PARTS))}")
    if kind == "text":
        return _string(part.get("text"), f"{at}.text")
    if kind not in part:
        raise missing(f"{at}.{kind}")
    if kind == "image_url":
        check_image(part["image_url"], f"{at}.image_url")
    return None


def _object(value: object, at: str) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise wrong_type(at, "an object")
    return value


def _string(value: object, at: str) -> str:
    if not isinstance(value, str):
        raise wrong_type(at, "a string")
    return value
