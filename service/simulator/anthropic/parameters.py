"""The rules of what stands beside the messages: sampling, marks for the cache, stop texts, the form of the answer."""

from collections.abc import Iterator, Mapping

from service.simulator.anthropic.blocks import ToolResult
from service.simulator.anthropic.family import Family
from service.simulator.anthropic.refusals import wrong
from service.simulator.anthropic.request import Request
from service.simulator.anthropic.turns import Turn
from service.simulator.refusal import Refusal

UNSAMPLED_SINCE = "2026-10-21"
_DEFAULTS = {"temperature": 1, "top_p": 1, "top_k": None}
_MOST_MARKS = 4
_OPEN = "For 'object' type, 'additionalProperties' must be explicitly set to false"


def check_parameters(request: Request, turns: tuple[Turn, ...], family: Family, version: str) -> None:
    """Raise `Refusal` where one of them does not go."""
    _check_sampling(request, family, version)
    marks = sum(1 for marked in _marked(request, turns) if getattr(marked, "cache_control", None) is not None)
    if marks > _MOST_MARKS:
        raise Refusal(f"A maximum of 4 blocks with cache_control may be provided. Found {marks}.", "cache_control")
    if any(not word.strip() for word in request.stop_sequences or ()):
        raise Refusal("stop_sequences: each stop sequence must contain non-whitespace", "stop_sequences")
    if request.schema_asked is not None:
        _check_schema(request.schema_asked)


def _check_sampling(request: Request, family: Family, version: str) -> None:
    """Newer models let pass the defaults; the newest version of the API not even those."""
    for name, default in _DEFAULTS.items():
        given = getattr(request, name)
        if given is None or (version < UNSAMPLED_SINCE and (family.sampled or given == default)):
            continue
        raise Refusal(f"`{name}` is deprecated for this model.", name)


def _marked(request: Request, turns: tuple[Turn, ...]) -> Iterator[object]:
    """Everything that may carry a mark for the cache."""
    yield request
    yield from request.system or ()
    yield from request.tools or ()
    for turn in turns:
        for placed in turn.blocks:
            yield placed.block
            if isinstance(placed.block, ToolResult):
                yield from placed.block.content or ()


def _check_schema(schema: Mapping[str, object]) -> None:
    left: list[object] = [schema]
    while left:
        match found := left.pop():
            case Mapping():
                if found.get("type") == "object" and found.get("additionalProperties") is not False:
                    raise wrong("output_config.format.schema", _OPEN)
                left += found.values()
            case list():
                left += found
