"""Writes what steers the sampling, within what the dialect takes."""

from math import isfinite
from typing import Literal

from mainstay import v1 as pb
from service.providers.anthropic.listener import Listener
from service.providers.refusals import invalid
from service.providers.values import Json

_ABSENT: tuple[Literal["seed", "presence_penalty", "frequency_penalty"], ...] = (
    "seed",
    "presence_penalty",
    "frequency_penalty",
)
_NUMBERS: tuple[Literal["temperature", "top_p"], ...] = ("temperature", "top_p")


def sampling_of(request: pb.ChatRequest, listener: Listener) -> Json:
    """What goes into the body. Raises Failure for numbers that are none."""
    body: Json = {}
    for name in _NUMBERS:
        if request.HasField(name) and not listener.leaves_out(name):
            body[name] = _number(request, name, listener)
    if listener.dialect.temperature_or_top_p and "temperature" in body and body.pop("top_p", None) is not None:
        listener.drops("top_p", "this model takes a temperature or this, not both")
    if request.HasField("top_k") and not listener.leaves_out("top_k"):
        body["top_k"] = request.top_k
    if request.stop and not listener.leaves_out("stop") and (stop := _stop(request, listener)):
        body["stop_sequences"] = stop
    for absent in _ABSENT:
        if request.HasField(absent):
            listener.drops(absent, "this protocol has no such parameter")
    return body


def _number(request: pb.ChatRequest, name: str, listener: Listener) -> float:
    value = request.temperature if name == "temperature" else request.top_p
    if not isfinite(value):
        raise invalid(name, "is not a number")
    least, most = 0.0, listener.dialect.temperature_most
    if name == "top_p":
        least, most = (listener.dialect.thinking_top_p_least if listener.thinks else 0.0), 1.0
    return listener.within(value, (least, most), name)


def _stop(request: pb.ChatRequest, listener: Listener) -> list[str]:
    texts = [text for text in request.stop if text.strip()]
    if len(texts) < len(request.stop):
        listener.drops("stop", "texts of nothing but blanks")
    return texts
