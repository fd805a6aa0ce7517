"""Writes how much the model shall think: a level for newer models, a budget for older ones."""

from mainstay import v1 as pb
from service.providers.choices import (
    effort_of,
    effort_word,
    expect_sensible,
    is_off,
    nearest_effort,
    strengths,
)
from service.providers.gemini.dialect import Dialect, Thinking
from service.providers.gemini.listener import Listener
from service.providers.values import Json

_BUDGETS = {"minimal": 512, "low": 1024, "medium": 8192, "high": 24_576}
"""Tokens that stand for an effort: Google's own figures at its OpenAI endpoint; the smallest is [U]."""
_PATH = "reasoning"


def thinks(options: pb.ReasoningOptions, dialect: Dialect) -> bool:
    """Whether the model will think, as far as the dialect tells."""
    if dialect.thinking is Thinking.NONE:
        return False
    return not (options.WhichOneof("amount") and is_off(options) and _can_stop(dialect))


def thinking_of(options: pb.ReasoningOptions, listener: Listener) -> Json:
    """What goes into `generationConfig`. Raises Failure for an amount that makes no sense."""
    expect_sensible(options)
    said = _amount(options, listener)
    if options.HasField("include_text") and listener.dialect.thinking is not Thinking.NONE:
        said["includeThoughts"] = options.include_text
    return {"thinkingConfig": said} if said else {}


def _amount(options: pb.ReasoningOptions, listener: Listener) -> Json:
    amount = options.WhichOneof("amount")
    if amount is None:
        return {}
    path = f"{_PATH}.{amount}"
    match listener.dialect.thinking:
        case Thinking.NONE:
            if not is_off(options):
                listener.drops(path, "this model cannot be told how much to think")
            return {}
        case Thinking.BUDGET:
            return {"thinkingBudget": _budget(options, path, listener)}
        case Thinking.LEVEL:
            return {"thinkingLevel": _level(options, path, listener).upper()}


def _budget(options: pb.ReasoningOptions, path: str, listener: Listener) -> int:
    """The budget, within what the model takes; efforts are translated, the greatest to the greatest budget."""
    dialect = listener.dialect
    if is_off(options):
        if not _can_stop(dialect):
            listener.clamps(path, f"a budget of {dialect.budget_least} tokens: this model always thinks")
        return dialect.budget_least
    if options.HasField("effort"):
        wanted = _BUDGETS.get(effort_word(options.effort), dialect.budget_most)
        return min(max(wanted, dialect.budget_least), dialect.budget_most)
    within = min(max(options.budget_tokens, dialect.budget_least), dialect.budget_most)
    if within != options.budget_tokens:
        listener.clamps(path, within)
    return within


def _level(options: pb.ReasoningOptions, path: str, listener: Listener) -> str:
    """The least and the most that a contract can ask for are whatever the model's own least and most are."""
    levels = listener.dialect.levels
    if is_off(options):
        weakest = strengths(levels)[0]
        listener.clamps(path, f"level {weakest}: this model always thinks")
        return weakest
    if options.HasField("budget_tokens"):
        level = nearest_effort(effort_of(options.budget_tokens), levels)
        listener.downgrades(path, f"to level {level}")
        return level
    wanted = effort_word(options.effort)
    level = nearest_effort(wanted, levels)
    if level != wanted and wanted not in ("minimal", "max"):
        listener.clamps(path, f"level {level}")
    return level


def _can_stop(dialect: Dialect) -> bool:
    return dialect.thinking is Thinking.BUDGET and dialect.budget_least == 0
