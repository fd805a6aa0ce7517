"""The caller's own words to one provider, and the body that they go into."""

import orjson

from mainstay import v1 as pb
from service.providers.opaque import object_in
from service.providers.refusals import invalid
from service.providers.values import Json

_OURS = frozenset({"messages", "model", "stream"})
"""What options of the caller's may not replace: the route, the cache and the decoder go by them."""


def options_of(request: pb.ChatRequest, provider: str, ours: frozenset[str] = _OURS) -> Json:
    """Members of the body; each replaces the whole of what would stand there. Raises Failure."""
    if provider not in request.provider_options:
        return {}
    path = f"provider_options[{provider!r}]"
    options = object_in(request.provider_options[provider], path)
    if forbidden := ours & options.keys():
        raise invalid(path, f"may not set {', '.join(sorted(forbidden))}")
    return options


def dumped(body: Json) -> bytes:
    """The body as it goes out. Raises Failure if it cannot be written as JSON."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError as cause:
        raise invalid("the request", f"cannot be written as JSON ({cause})") from cause
