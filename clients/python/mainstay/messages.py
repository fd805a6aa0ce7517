"""The turns of a conversation, in a word each, and a request made of them."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

from mainstay import defaults
from mainstay import v1 as pb

Question = str | pb.Message | Sequence[pb.Message] | pb.ChatRequest
"""What can be asked: a user's question, one turn, a conversation, or a ready request."""


class RequestFields(TypedDict, total=False):
    """The fields of ChatRequest, but for its messages; `proto/mainstay/v1/chat.proto` says what they mean."""

    model: str
    temperature: float
    top_p: float
    top_k: int
    max_output_tokens: int
    stop: Sequence[str]
    seed: int
    presence_penalty: float
    frequency_penalty: float
    tools: Sequence[pb.Tool]
    tool_choice: pb.ToolChoice
    parallel_tool_calls: bool
    response_format: pb.ResponseFormat
    reasoning: pb.ReasoningOptions
    policy: pb.CallPolicy
    labels: Mapping[str, str]
    provider_options: Mapping[str, str]
    end_user: str


def system(text: str) -> pb.Message:
    """Standing instructions."""
    return pb.Message(role=pb.ROLE_SYSTEM, parts=[pb.Part(text=text)])


def user(*content: str | pb.Part) -> pb.Message:
    """What the person says; parts other than text (pictures, documents) as `pb.Part`."""
    parts = [pb.Part(text=piece) if isinstance(piece, str) else piece for piece in content]
    return pb.Message(role=pb.ROLE_USER, parts=parts)


def assistant(text: str) -> pb.Message:
    """What the model said. An answer of Mainstay goes back as it came, as `response.message`."""
    return pb.Message(role=pb.ROLE_ASSISTANT, parts=[pb.Part(text=text)])


def tool_result(tool_call_id: str, text: str, *, is_error: bool = False) -> pb.Message:
    """What a tool returned for the call of this id."""
    result = pb.ToolResult(tool_call_id=tool_call_id, text=text, is_error=is_error)
    return pb.Message(role=pb.ROLE_TOOL, parts=[pb.Part(tool_result=result)])


def restartable(request: pb.ChatRequest) -> pb.ChatRequest:
    """The same, with leave to begin a broken stream anew, unless it says itself what is to become of one."""
    if request.policy.recovery != pb.RECOVERY_UNSPECIFIED:
        return request
    asked = pb.ChatRequest()
    asked.CopyFrom(request)
    asked.policy.recovery = pb.RECOVERY_RESTART
    return asked


def text_of(answer: pb.ChatResponse | pb.Message) -> str:
    """All text of an answer, without the thoughts. Empty: it has none, as when it only calls tools."""
    message = answer.message if isinstance(answer, pb.ChatResponse) else answer
    return "".join(part.text for part in message.parts if part.HasField("text"))


def request_of(question: Question, fields: RequestFields) -> pb.ChatRequest:
    """The request that asks `question`. Raises TypeError or ValueError, which name the field."""
    if isinstance(question, pb.ChatRequest):
        if fields:
            raise TypeError(f"a ready ChatRequest takes no further fields, and there are: {', '.join(fields)}")
        return question
    if isinstance(question, str):
        question = user(question)
    messages = [question] if isinstance(question, pb.Message) else question
    fields.setdefault("model", defaults.MODEL)
    try:
        return pb.ChatRequest(messages=messages, **fields)
    except (TypeError, ValueError) as error:  # protobuf does not say of which field
        raise _complaint({"messages": messages, **fields}) or error from None


def _complaint(fields: Mapping[str, object]) -> TypeError | ValueError | None:
    """What is wrong with the first field that cannot be used."""
    for name, value in fields.items():
        try:
            pb.ChatRequest(**{name: value})  # type: ignore[arg-type]  # that is the question
        except ValueError as error:
            return ValueError(f"{name}: {error}")
        except TypeError as error:
            return TypeError(f"{name}: {error}")
    return None
