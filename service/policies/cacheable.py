"""Which questions the cache looks at, and which answers it keeps."""

from mainstay import v1 as pb

MAX_QUESTION_BYTES = 256 * 1024
"""Larger ones hold pictures or documents: rarely asked twice, and dear to digest."""


def may_ask(request: pb.ChatRequest) -> bool:
    """Whether the question is small enough to be looked up."""
    return request.ByteSize() <= MAX_QUESTION_BYTES


def may_keep(answer: pb.ChatResponse, *, tool_calls: bool) -> bool:
    """Whether a completed answer, with its message, is whole and says something."""
    return _is_whole(answer, tool_calls) and _fits(answer) and any(map(_says_something, answer.message.parts))


def _fits(answer: pb.ChatResponse) -> bool:
    """Whether it has the form that was asked for, if one was."""
    return answer.structured_output.valid or not answer.HasField("structured_output")


def _is_whole(answer: pb.ChatResponse, tool_calls: bool) -> bool:
    if answer.finish_reason == pb.FINISH_REASON_TOOL_CALLS:
        return tool_calls
    return answer.finish_reason == pb.FINISH_REASON_STOP


def _says_something(part: pb.Part) -> bool:
    match part.WhichOneof("content"):
        case None:
            return False
        case "text":
            return bool(part.text)
        case "reasoning":
            return bool(part.reasoning.text)
        case _:
            return True
