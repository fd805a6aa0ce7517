"""Writes what steers the sampling, within what the dialect takes."""

from math import inf, isfinite

from mainstay import v1 as pb
from service.providers.gemini.listener import Listener
from service.providers.refusals import invalid
from service.providers.values import Json

_NAMES = {
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}
_SEEDS = 1 << 31


def sampling_of(request: pb.ChatRequest, listener: Listener) -> Json:
    """What goes into `generationConfig`. Raises Failure for numbers that are none."""
    dialect, said = listener.dialect, _numbers(request, listener)
    if request.HasField("max_output_tokens"):
        most = dialect.max_tokens_most or request.max_output_tokens
        said["maxOutputTokens"] = listener.within(request.max_output_tokens, (0, most), "max_output_tokens")
    if request.HasField("seed") and not listener.leaves_out("seed"):
        if -_SEEDS <= request.seed < _SEEDS:
            said["seed"] = request.seed
        else:
            listener.drops("seed", "not a number of 32 bits")
    if request.stop and not listener.leaves_out("stop"):
        if len(request.stop) > dialect.stop_most:
            listener.clamps("stop", f"the first {dialect.stop_most}")
        said["stopSequences"] = list(request.stop[: dialect.stop_most])
    return said


def _numbers(request: pb.ChatRequest, listener: Listener) -> Json:
    """Those with a range."""
    ranges = {"temperature": (0.0, listener.dialect.temperature_most), "top_p": (0.0, 1.0)}
    said: Json = {}
    for field, value in request.ListFields():
        if (name := field.name) in _NAMES:
            if not isfinite(value):
                raise invalid(name, "is not a number")
            if not listener.leaves_out(name):
                said[_NAMES[name]] = listener.within(value, ranges.get(name, (-inf, inf)), name)
    return said
