"""Writes what steers the sampling, within what the dialect takes."""

from math import inf, isfinite

from mainstay import v1 as pb
from service.providers.openai.listener import Listener
from service.providers.refusals import invalid
from service.providers.values import Json


def sampling_of(request: pb.ChatRequest, listener: Listener) -> Json:
    """What goes into the body. Raises Failure for numbers that are none."""
    dialect, body = listener.dialect, _numbers(request, listener)
    if request.HasField("max_output_tokens") and not listener.leaves_out("max_output_tokens"):
        most = dialect.max_tokens_most or request.max_output_tokens
        body[dialect.max_tokens_field] = listener.within(request.max_output_tokens, (0, most), "max_output_tokens")
    if request.HasField("seed") and not listener.leaves_out("seed"):
        body[dialect.seed_field] = request.seed
    if request.HasField("top_k"):
        if dialect.top_k:
            body["top_k"] = request.top_k
        else:
            listener.drops("top_k", "this provider has no such parameter")
    if request.stop and (stop := _stop(request, listener)):
        body["stop"] = stop
    return body


def _numbers(request: pb.ChatRequest, listener: Listener) -> Json:
    """Those with a range."""
    dialect = listener.dialect
    ranges = {
        "temperature": (dialect.temperature_least, dialect.temperature_most),
        "top_p": (dialect.top_p_least, dialect.top_p_most),
        "presence_penalty": (-inf, inf),
        "frequency_penalty": (-inf, inf),
    }
    body: Json = {}
    for field, value in request.ListFields():
        if (name := field.name) in ranges:
            if not isfinite(value):
                raise invalid(name, "is not a number")
            if not listener.leaves_out(name):
                body[name] = listener.within(value, ranges[name], name)
    return body


def _stop(request: pb.ChatRequest, listener: Listener) -> list[str]:
    dialect = listener.dialect
    if not dialect.stop_most:
        listener.drops("stop")
        return []
    if listener.leaves_out("stop"):
        return []
    short = [text for text in request.stop if dialect.stop_bytes is None or len(text.encode()) <= dialect.stop_bytes]
    if len(short) < len(request.stop):
        listener.drops("stop", f"texts of more than {dialect.stop_bytes} bytes")
    if len(short) > dialect.stop_most:
        listener.clamps("stop", f"the first {dialect.stop_most}")
    return short[: dialect.stop_most]
