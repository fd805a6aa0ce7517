"""Turns a request into the JSON of the protocol. Pure; the request is only read.

What the contract can say and this encoder cannot yet is refused by the path of its field; what the protocol
lacks is left out and reported as an adjustment.
"""

from collections.abc import Sequence

import orjson

from mainstay import v1 as pb
from service.providers.openai.dialect import Dialect
from service.providers.openai.messages import messages_of
from service.providers.openai.refusals import invalid, unsupported
from service.providers.openai.tools import response_format_of, tool_choice_of, tools_of
from service.providers.openai.values import Json
from service.providers.wire import Question

PATH = "/chat/completions"

_SAMPLING = frozenset({"temperature", "top_p", "seed", "presence_penalty", "frequency_penalty", "parallel_tool_calls"})
"""Fields that the contract and the protocol call by one name."""


def encode(request: pb.ChatRequest, model: str, *, stream: bool, provider: str, dialect: Dialect) -> Question:
    """The request as `provider` takes it. Raises Failure(UNSUPPORTED) for what cannot be said to it."""
    _expect_nothing_else(request, provider)
    body: Json = {"model": model, "messages": messages_of(request.messages)}
    body |= {field.name: value for field, value in request.ListFields() if field.name in _SAMPLING}
    if request.HasField("max_output_tokens"):
        body[dialect.max_tokens_field] = request.max_output_tokens
    if request.stop:
        body["stop"] = list(request.stop)
    if request.tools:
        body["tools"] = tools_of(request.tools)
    if request.HasField("tool_choice"):
        body["tool_choice"] = tool_choice_of(request.tool_choice)
    if request.HasField("response_format"):
        body["response_format"] = response_format_of(request.response_format)
    if request.end_user:
        body["user"] = request.end_user
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    return Question(path=PATH, body=_dumped(body), adjustments=list(_adjustments(request)))


def _expect_nothing_else(request: pb.ChatRequest, provider: str) -> None:
    if request.HasField("reasoning"):
        raise unsupported("reasoning", "this protocol cannot be told yet how much to think")
    if provider in request.provider_options:
        raise unsupported(f"provider_options[{provider!r}]", "cannot be merged into the request yet")


def _adjustments(request: pb.ChatRequest) -> Sequence[pb.Adjustment]:
    if not request.HasField("top_k"):
        return ()
    dropped = pb.ADJUSTMENT_ACTION_DROPPED
    return (pb.Adjustment(field="top_k", action=dropped, detail="the openai protocol has no such parameter"),)


def _dumped(body: Json) -> bytes:
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError as cause:
        raise invalid("the request", f"cannot be written as JSON ({cause})") from cause
