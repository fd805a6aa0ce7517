"""Turns a request into the JSON of the protocol. Pure; the request is only read.

What the model lacks is left out, moved into its range or weakened as its dialect says, and reported as an adjustment;
what cannot be left out is refused by the path of its field.
"""

from urllib.parse import quote

from mainstay import v1 as pb
from service.providers.gemini.contents import conversation_of
from service.providers.gemini.dialect import Dialect
from service.providers.gemini.form import form_of
from service.providers.gemini.sampling import sampling_of
from service.providers.gemini.thinking import thinking_of, thinks
from service.providers.gemini.tools import tooling_of
from service.providers.listener import Listener
from service.providers.options import dumped, options_of
from service.providers.values import Json, object_of
from service.providers.wire import Question

_OURS = frozenset({"contents", "model"})
"""What options of the caller's may not replace: the route and the cache go by them."""
_COLLECTIONS = ("models/", "tunedModels/")


def encode(request: pb.ChatRequest, model: str, *, stream: bool, provider: str, dialect: Dialect) -> Question:
    """The request as `provider` takes it. Raises Failure(UNSUPPORTED) for what cannot be said to it."""
    listener = Listener(provider, dialect, thinks(request.reasoning, dialect))
    tooling, serially = tooling_of(request, listener)
    form, formally = form_of(request, listener)
    generation = {**sampling_of(request, listener), **form, **thinking_of(request.reasoning, listener)}
    body: Json = {**conversation_of(request.messages, [*formally, *serially], listener), **tooling}
    if generation:
        body["generationConfig"] = generation
    if request.end_user:
        listener.drops("end_user", "this protocol has no place for it")
    body = _with_options(body, request, provider)
    return Question(path=_path(model, dialect, stream=stream), body=dumped(body), adjustments=listener.changes)


def _path(model: str, dialect: Dialect, *, stream: bool) -> str:
    """The model's resource and the method. A caller may have chosen the name: none of it may lead elsewhere."""
    collection = next((name for name in _COLLECTIONS if model.startswith(name)), _COLLECTIONS[0])
    resource = collection + quote(model.removeprefix(collection), safe="")
    if not stream:
        return f"/{resource}:generateContent"
    return f"/{resource}:streamGenerateContent{'?alt=sse' if dialect.sse else ''}"


def _with_options(body: Json, request: pb.ChatRequest, provider: str) -> Json:
    """The caller's own words to this provider: members of an object join ours, all else replaces it."""
    options = options_of(request, provider, _OURS)
    joined = {
        name: {**object_of(body.get(name)), **value} for name, value in options.items() if isinstance(value, dict)
    }
    return body | options | joined
