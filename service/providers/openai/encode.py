"""Turns a request into the JSON of the protocol. Pure; the request is only read.

What the provider lacks is left out, moved into its range or weakened as its dialect says, and reported as an
adjustment; what cannot be left out is refused by the path of its field.
"""

from mainstay import v1 as pb
from service.providers.listener import Listener
from service.providers.openai.dialect import Dialect
from service.providers.openai.form import form_of
from service.providers.openai.messages import messages_of
from service.providers.openai.reasoning import reasoning_of, thinks
from service.providers.openai.sampling import sampling_of
from service.providers.openai.tools import tooling_of
from service.providers.options import dumped, options_of
from service.providers.values import Json
from service.providers.wire import Question

PATH = "/chat/completions"


def encode(request: pb.ChatRequest, model: str, *, stream: bool, provider: str, dialect: Dialect) -> Question:
    """The request as `provider` takes it. Raises Failure(UNSUPPORTED) for what cannot be said to it."""
    listener = Listener(provider, dialect, thinks(request.reasoning, dialect))
    form, instruction = form_of(request, listener)
    body: Json = {
        **dialect.extra,
        "model": model,
        "messages": messages_of(request.messages, instruction, listener),
        **sampling_of(request, listener),
        **tooling_of(request, listener),
        **form,
        **reasoning_of(request.reasoning, listener),
        **_end_user(request, listener),
    }
    if stream:
        body |= _streaming(dialect, with_tools="tools" in body)
    body |= options_of(request, provider)
    return Question(path=PATH, body=dumped(body), adjustments=listener.changes)


def _end_user(request: pb.ChatRequest, listener: Listener[Dialect]) -> Json:
    if not request.end_user:
        return {}
    dialect, length = listener.dialect, len(request.end_user)
    if listener.refuses("end_user") or not dialect.end_user_field:
        listener.drops("end_user")
        return {}
    if not dialect.end_user_least <= length <= dialect.end_user_most:
        listener.drops("end_user", f"not {dialect.end_user_least} to {dialect.end_user_most} characters")
        return {}
    return {dialect.end_user_field: request.end_user}


def _streaming(dialect: Dialect, *, with_tools: bool) -> Json:
    body: Json = {"stream": True}
    if dialect.stream_options:
        body["stream_options"] = {"include_usage": True}
    if with_tools:
        body.update(dialect.extra_streamed_tools)
    return body
