"""The answer that most are: one choice, one text, nothing beside it. Read at a third of what any answer costs.

What it means is what `Answer` says; a property holds the two together.
"""

from mainstay import v1 as pb
from service.providers.bounds import LONGEST_WORD
from service.providers.finish import BROKE, finish_reason
from service.providers.openai.usage import usage_of
from service.providers.values import Json, object_of

_SAID = ("role", "content")


def plain(answer: Json) -> list[pb.ChatEvent]:
    """The events of a whole answer; none if it is anything but plain."""
    choices = answer.get("choices")
    if answer.get("error") or answer.get("object") == "error" or "x_groq" in answer:
        return []
    if not isinstance(choices, list) or len(choices) != 1 or not isinstance(choices[0], dict):
        return []
    choice, usage = choices[0], answer.get("usage")
    message, word = choice.get("message"), choice.get("finish_reason") or ""
    if choice.get("index") or choice.get("error") or "usage" in choice or not isinstance(message, dict):
        return []
    text = message.get("content")
    if not (isinstance(text, str) and text and isinstance(word, str)) or word in BROKE:
        return []
    if any(value for name, value in message.items() if name not in _SAID):
        return []
    completed = pb.ChatResponse(
        finish_reason=finish_reason(word, calls=False, refused=False),
        provider_finish_reason=word[:LONGEST_WORD],
        usage=usage_of(object_of(usage)) if usage else None,
    )
    return [pb.ChatEvent(text_delta=pb.TextDelta(part=0, text=text)), pb.ChatEvent(completed=completed)]
