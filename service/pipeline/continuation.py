"""Shows an answer that goes on after what was said as a part of the one answer that its caller reads."""

from collections.abc import Callable

from mainstay import v1 as pb
from service.policies.recovery import Said

View = Callable[[pb.ChatEvent], pb.ChatEvent | None]
"""The event as the caller is to see it; None: not at all."""


def view_of(mode: pb.ResetMode.ValueType, said: Said) -> View | None:
    """How the events of an answer are shown after a reset; None: as they are."""
    return Continuation(said) if mode == pb.RESET_MODE_CONTINUE else None


class Continuation:
    """Its first text belongs to the last part of the text so far; whatever else it has stands in parts after that.

    The model did not see the blanks at the end of what was said. Those that it says again were shown already.
    """

    def __init__(self, said: Said) -> None:
        text = said.text
        self._blanks = text[len(text.rstrip()) :]
        self._last = said.part
        self._parts: dict[int, int] = {}
        """Of this answer, as parts of the whole."""
        self._has_text = False

    def __call__(self, event: pb.ChatEvent) -> pb.ChatEvent | None:
        """The same event, which belongs to us, changed."""
        match event.WhichOneof("event"):
            case "text_delta":
                return self._text(event)
            case "reasoning_delta":
                event.reasoning_delta.part = self._part(event.reasoning_delta.part)
            case "tool_call_delta":
                event.tool_call_delta.part = self._part(event.tool_call_delta.part)
            case "part_state":
                event.part_state.part = self._part(event.part_state.part)
            case _:
                pass
        return event

    def _text(self, event: pb.ChatEvent) -> pb.ChatEvent | None:
        delta = event.text_delta
        if not self._has_text:
            self._has_text = True
            self._parts[delta.part] = self._last
        delta.part = self._part(delta.part)
        if self._blanks:
            delta.text = self._without_blanks(delta.text)
        return event if delta.text else None

    def _without_blanks(self, text: str) -> str:
        for place, character in enumerate(text):
            if not self._blanks.startswith(character):
                self._blanks = ""
                return text[place:]
            self._blanks = self._blanks[1:]
        return ""

    def _part(self, part: int) -> int:
        return self._parts.setdefault(part, self._last + 1 + sum(known != self._last for known in self._parts.values()))
