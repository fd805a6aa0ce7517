"""What an event says of the answer."""

from mainstay import v1 as pb


def is_delta(event: pb.ChatEvent) -> bool:
    """Whether the event shows something of the answer: non-empty text or reasoning, a tool call, a block."""
    match event.WhichOneof("event"):
        case "text_delta":
            return bool(event.text_delta.text)
        case "reasoning_delta":
            return bool(event.reasoning_delta.text)
        case "tool_call_delta" | "part_state":
            return True
        case _:
            return False
