"""Whether the tool loop that is open began with thoughts, without which some models may not think on."""

from collections.abc import Sequence

from mainstay import v1 as pb


def lacks_thoughts(messages: Sequence[pb.Message], provider: str) -> bool:
    """Whether the model's last words are tool calls, in a loop that began without thoughts of `provider`.

    Calls that follow on others in a loop need not have any: most models think once, before the first.
    """
    beginning: pb.Message | None = None
    for message in reversed(messages):
        if message.role == pb.ROLE_ASSISTANT:
            if any(part.HasField("tool_call") for part in message.parts):
                beginning = message
            elif beginning is None:
                return False
        elif beginning is not None and message.role != pb.ROLE_TOOL:
            break
    return beginning is not None and not any(_is_thought(part, provider) for part in beginning.parts)


def _is_thought(part: pb.Part, provider: str) -> bool:
    state = part.provider_state
    return part.HasField("reasoning") and bool(state.data) and state.issuer == provider
