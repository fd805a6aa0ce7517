"""The deltas that have not gone out yet: what is said of one part in a row goes out as one."""

from dataclasses import dataclass, field

from mainstay import v1 as pb


@dataclass(slots=True)
class _Run:
    """Pieces of one part, of one kind."""

    part: int
    kind: str
    pieces: list[str] = field(default_factory=list)


class Pending:
    """Takes pieces and events in order, and gives events in order."""

    def __init__(self) -> None:
        self._waiting: list[_Run | pb.ChatEvent] = []
        self.characters = 0
        """How many were ever put in."""

    def text(self, part: int, text: str) -> None:
        """More of a text."""
        self._add(part, "text", text)

    def thoughts(self, part: int, text: str) -> None:
        """More thoughts."""
        self._add(part, "thoughts", text)

    def arguments(self, part: int, text: str) -> None:
        """More arguments of a call that has been announced."""
        self._add(part, "arguments", text)

    def event(self, event: pb.ChatEvent) -> None:
        """An event that is whole."""
        self._waiting.append(event)

    def take(self) -> list[pb.ChatEvent]:
        """All since the last time."""
        waiting, self._waiting = self._waiting, []
        return [_event(one) if isinstance(one, _Run) else one for one in waiting]

    def _add(self, part: int, kind: str, text: str) -> None:
        self.characters += len(text)
        last = self._waiting[-1] if self._waiting else None
        if not isinstance(last, _Run) or (last.part, last.kind) != (part, kind):
            last = _Run(part, kind)
            self._waiting.append(last)
        last.pieces.append(text)


def _event(run: _Run) -> pb.ChatEvent:
    text = "".join(run.pieces)
    match run.kind:
        case "text":
            return pb.ChatEvent(text_delta=pb.TextDelta(part=run.part, text=text))
        case "thoughts":
            return pb.ChatEvent(reasoning_delta=pb.ReasoningDelta(part=run.part, text=text))
        case _:
            return pb.ChatEvent(tool_call_delta=pb.ToolCallDelta(part=run.part, arguments_json=text))
