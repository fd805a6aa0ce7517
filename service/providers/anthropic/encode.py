"""Turns a request into the JSON of the protocol. Pure; the request is only read.

What the provider lacks is left out, moved into its range or weakened as its dialect says, and reported as an
adjustment; what cannot be left out is refused by the path of its field.
"""

from urllib.parse import quote

from mainstay import v1 as pb
from service.providers.anthropic.conversation import conversation_of
from service.providers.anthropic.dialect import Dialect
from service.providers.anthropic.form import form_of
from service.providers.anthropic.listener import Listener
from service.providers.anthropic.reasoning import limit_of, reasoning_of, thinks
from service.providers.anthropic.sampling import sampling_of
from service.providers.anthropic.tools import tooling_of
from service.providers.listener import Listener as Told
from service.providers.options import dumped, options_of
from service.providers.values import Json
from service.providers.wire import Question


def encode(request: pb.ChatRequest, model: str, *, stream: bool, provider: str, dialect: Dialect) -> Question:
    """The request as `provider` takes it. Raises Failure(UNSUPPORTED) for what cannot be said to it."""
    options = options_of(request, provider)
    listener = Told(provider, dialect, thinks(request, provider, dialect))
    form, instruction = form_of(request, listener)
    limit = limit_of(request, listener)
    thinking, effort = reasoning_of(request, limit, listener)
    body: Json = {
        **dialect.extra,
        **({"model": model} if dialect.model_in_body else {}),
        "max_tokens": limit,
        **conversation_of(request.messages, instruction, listener),
        **sampling_of(request, listener),
        **tooling_of(request, listener, has_own="tools" in options),
        **thinking,
        **_end_user(request, listener),
    }
    if config := {**form, **effort}:
        body["output_config"] = config
    if stream:
        body["stream"] = True
    body |= options
    path = (dialect.stream_path if stream else dialect.path).replace("{model}", quote(model, safe="@"))
    return Question(path=path, body=dumped(body), adjustments=listener.changes)


def _end_user(request: pb.ChatRequest, listener: Listener) -> Json:
    if not request.end_user:
        return {}
    if listener.leaves_out("end_user"):
        return {}
    return {"metadata": {"user_id": request.end_user}}
