"""Writes how much the model shall think, and how long its answer may be: the thoughts count."""

from mainstay import v1 as pb
from service.providers.anthropic.dialect import Dialect, Thinking
from service.providers.anthropic.listener import Listener
from service.providers.anthropic.loop import lacks_thoughts
from service.providers.choices import OFF, effort_of, effort_word, expect_sensible, is_off, nearest_effort, strengths
from service.providers.values import Json

LEAST_BUDGET = 1024
"""Tokens; less is refused, and the answer must have room beyond them."""
_BUDGETS = {"minimal": LEAST_BUDGET, "low": LEAST_BUDGET, "medium": 4096, "high": 16_384, "max": 32_768}
"""In tokens, for models that know no efforts."""
_PATH = "reasoning"


def thinks(request: pb.ChatRequest, provider: str, dialect: Dialect) -> bool:
    """Whether the model will think, as far as the dialect tells."""
    if dialect.always_thinks:
        return True
    options = request.reasoning
    if dialect.thinking is Thinking.NONE or not options.WhichOneof("amount"):
        return dialect.thinks_by_default
    if is_off(options):
        return False
    return dialect.thinking is not Thinking.BUDGET or not _why_not(request, provider, dialect)


def limit_of(request: pb.ChatRequest, listener: Listener) -> int:
    """The output limit in tokens, which the protocol demands; none given, it has room for the thoughts."""
    dialect, options = listener.dialect, request.reasoning
    if request.HasField("max_output_tokens"):
        most = dialect.max_tokens_most or request.max_output_tokens
        if request.max_output_tokens > most:
            listener.clamps("max_output_tokens", most)
        return min(request.max_output_tokens, most)
    wanted = dialect.max_tokens
    if listener.thinks and dialect.thinking is Thinking.BUDGET and options.budget_tokens > 0:
        wanted += options.budget_tokens
    return min(wanted, dialect.max_tokens_most or wanted)


def reasoning_of(request: pb.ChatRequest, limit: int, listener: Listener) -> tuple[Json, Json]:
    """What goes into the body, and what into `output_config`. Raises Failure for an amount that makes no sense."""
    options = request.reasoning
    expect_sensible(options)
    thinking, effort = _amount(request, limit, listener)
    if options.HasField("include_text"):
        thinking = _shown(thinking, options.include_text, listener)
    return ({"thinking": thinking} if thinking else {}), ({"effort": effort} if effort else {})


def _amount(request: pb.ChatRequest, limit: int, listener: Listener) -> tuple[Json, str]:
    dialect, options = listener.dialect, request.reasoning
    if not (amount := options.WhichOneof("amount")):
        return {}, ""
    path = f"{_PATH}.{amount}"
    if dialect.thinking is Thinking.NONE:
        if listener.thinks or not is_off(options):
            listener.drops(path, "this model cannot be told how much to think")
        return {}, ""
    if is_off(options):
        return _weakest(path, listener) if dialect.always_thinks else ({"type": "disabled"}, "")
    if dialect.thinking is Thinking.BUDGET:
        return _budget(request, path, limit, listener), ""
    return {"type": "adaptive" if dialect.thinking is Thinking.ADAPTIVE else "enabled"}, _effort(
        options, path, listener
    )


def _weakest(path: str, listener: Listener) -> tuple[Json, str]:
    """For a model that cannot but think."""
    if not (words := strengths(listener.dialect.efforts)):
        listener.drops(path, "this model always thinks")
        return {}, ""
    listener.clamps(path, f"effort {words[0]}: this model always thinks")
    return {}, words[0]


def _effort(options: pb.ReasoningOptions, path: str, listener: Listener) -> str:
    """The least and the most that a contract can ask for are whatever the model's own least and most are."""
    by_budget = options.HasField("budget_tokens")
    wanted = effort_of(options.budget_tokens) if by_budget else effort_word(options.effort)
    word = nearest_effort(wanted, listener.dialect.efforts)
    if not word:
        listener.downgrades(path, "thinking is on, without an amount")
    elif by_budget:
        listener.downgrades(path, f"to effort {word}")
    elif word != wanted and wanted not in ("minimal", "max"):
        listener.clamps(path, f"effort {word}")
    return word


def _budget(request: pb.ChatRequest, path: str, limit: int, listener: Listener) -> Json:
    options = request.reasoning
    if why := _why_not(request, listener.provider, listener.dialect):
        listener.downgrades(path, f"to {OFF}: {why}")
        return {"type": "disabled"}
    if options.HasField("budget_tokens"):
        tokens = min(max(options.budget_tokens, LEAST_BUDGET), limit - 1)
        if tokens != options.budget_tokens:
            listener.clamps(path, tokens)
    else:
        tokens = min(_BUDGETS[effort_word(options.effort)], max(LEAST_BUDGET, limit // 2))
        listener.downgrades(path, f"to a budget of {tokens} tokens")
    return {"type": "enabled", "budget_tokens": tokens}


def _why_not(request: pb.ChatRequest, provider: str, dialect: Dialect) -> str:
    """Why a model with a budget cannot think about this request; empty if it can."""
    limit = request.max_output_tokens if request.HasField("max_output_tokens") else dialect.max_tokens
    if min(limit, dialect.max_tokens_most or limit) <= LEAST_BUDGET:
        return f"it takes {LEAST_BUDGET} tokens beside those of the answer"
    if lacks_thoughts(request.messages, provider):
        return "the thoughts that led to the last tool calls are lost, or another provider's"
    return ""


def _shown(thinking: Json, wanted: bool, listener: Listener) -> Json:
    """Whether thoughts come back; that they do where they can needs no word if that cannot be said."""
    if listener.thinks and listener.dialect.display and thinking.get("type") != "disabled":
        said = thinking or ({"type": "adaptive"} if listener.dialect.thinking is Thinking.ADAPTIVE else {})
        if said:
            return {**said, "display": "summarized" if wanted else "omitted"}
    if not wanted and listener.thinks:
        listener.drops(f"{_PATH}.include_text", "this provider shows thoughts as it pleases")
    return thinking
