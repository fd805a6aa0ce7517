"""The rules of thinking: what goes with it, and that its signed thoughts come back as they were."""

from collections.abc import Iterable

from service.simulator.anthropic.blocks import Redacted, Thinking, ToolUse
from service.simulator.anthropic.family import Family
from service.simulator.anthropic.offers import Any, Named
from service.simulator.anthropic.refusals import wrong
from service.simulator.anthropic.request import Adaptive, Enabled, Request
from service.simulator.anthropic.turns import Placed, Turn, loop_of
from service.simulator.refusal import Refusal
from service.simulator.signatures import is_genuine, sign

_LEAST_BUDGET = 1024
_LEAST_TOP_P = 0.95
_INSTEAD = 'Use "thinking.type.{}" to control thinking.'
_FOUND = "Expected `thinking` or `redacted_thinking`, but found `{}`"
_INTERLEAVED = "interleaved-thinking"


def signature_of(digest: str, thoughts: str) -> str:
    """What is sent along with thoughts."""
    return sign(digest, "thinking", thoughts)


def redacted(digest: str) -> str:
    """Thoughts that nobody may read."""
    return sign(digest, "redacted_thinking")


def thinks(request: Request, family: Family) -> bool:
    """Whether thoughts come before the answer: a demanded tool call is made without."""
    if isinstance(request.thinking, Enabled):
        return True
    asked = isinstance(request.thinking, Adaptive) or (request.thinking is None and not family.silent)
    return asked and not _forces(request)


def check_thinking(request: Request, turns: tuple[Turn, ...], family: Family, betas: str) -> None:
    """Raise `Refusal` where thinking is asked for in a way, or beside something, that does not go."""
    for turn in turns:
        _check_signatures(turn.blocks, family)
    _check_kind(request, family)
    if isinstance(request.thinking, Enabled) and family.strict:
        _check_budget(request, request.thinking.budget_tokens, interleaved=_INTERLEAVED in betas)
        _check_company(request)
        _check_loop(turns)


def _check_signatures(blocks: Iterable[Placed], family: Family) -> None:
    for placed in blocks:
        match placed.block:
            case Thinking(signature=None):
                if family.strict:
                    raise wrong(f"{placed.at}.thinking.signature", "Field required")
            case Thinking(signature=str(signature), thinking=thoughts):
                if not is_genuine(signature, "thinking", thoughts):
                    raise wrong(placed.at, "Invalid `signature` in `thinking` block")
            case Redacted(data=data):
                if not is_genuine(data, "redacted_thinking"):
                    raise wrong(placed.at, "Invalid `data` in `redacted_thinking` block")
            case _:
                pass


def _check_kind(request: Request, family: Family) -> None:
    taken = {"enabled": family.budgets, "adaptive": family.adaptive, "disabled": family.silent}
    kind = request.thinking.type if request.thinking else "disabled"
    if request.thinking and not taken.get(kind, True):
        instead = _INSTEAD.format("adaptive" if family.adaptive else "enabled")
        raise Refusal(f'"thinking.type.{kind}" is not supported for this model. {instead}', "thinking")


def _check_budget(request: Request, budget: int | None, *, interleaved: bool) -> None:
    at = "thinking.enabled.budget_tokens"
    if budget is None:
        raise wrong(at, "Field required")
    if budget < _LEAST_BUDGET:
        raise wrong(at, f"Input should be greater than or equal to {_LEAST_BUDGET}")
    if budget >= request.max_tokens and not interleaved:  # then the budget is for a whole loop of tools
        raise Refusal("`max_tokens` must be greater than `thinking.budget_tokens`.", "max_tokens")


def _check_company(request: Request) -> None:
    if _forces(request):
        raise Refusal("Thinking may not be enabled when tool_choice forces tool use.", "tool_choice")
    if request.temperature not in (None, 1):
        raise Refusal("`temperature` may only be set to 1 when thinking is enabled.", "temperature")
    if request.top_p is not None and request.top_p < _LEAST_TOP_P:
        raise Refusal("`top_p` must be at least 0.95 when thinking is enabled.", "top_p")
    if request.top_k is not None:
        raise Refusal("`top_k` must be unset when thinking is enabled.", "top_k")


def _check_loop(turns: tuple[Turn, ...]) -> None:
    """The assistant's turn at the end, through all of a loop of tools, begins with thoughts."""
    loop = loop_of(turns)
    if not loop or not loop[0].blocks:
        return
    first = loop[0].blocks[0]
    at_end = turns[-1].role == "assistant"
    calls = any(isinstance(placed.block, ToolUse) for turn in loop for placed in turn.blocks)
    if (calls or at_end) and not isinstance(first.block, Thinking | Redacted):
        raise wrong(f"{first.at}.type", _FOUND.format(first.block.type))


def _forces(request: Request) -> bool:
    return isinstance(request.tool_choice, Any | Named)
