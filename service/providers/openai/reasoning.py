"""Writes how much the model shall think."""

from mainstay import v1 as pb
from service.providers.openai.dialect import EFFORTS, Dialect, ReasoningStyle
from service.providers.openai.listener import Listener
from service.providers.openai.refusals import invalid
from service.providers.openai.values import Json, object_of

_OFF = EFFORTS[0]
_WORDS = {
    pb.REASONING_EFFORT_OFF: _OFF,
    pb.REASONING_EFFORT_MINIMAL: "minimal",
    pb.REASONING_EFFORT_LOW: "low",
    pb.REASONING_EFFORT_MEDIUM: "medium",
    pb.REASONING_EFFORT_HIGH: "high",
    pb.REASONING_EFFORT_MAX: "max",
}
_BUDGETS = ((0, _OFF), (1024, "low"), (4096, "medium"))
"""Up to how many tokens of budget an effort stands in; above the last it is "high"."""
_PATH = "reasoning"


def thinks(options: pb.ReasoningOptions, dialect: Dialect) -> bool:
    """Whether the model will think, as far as the dialect tells."""
    if dialect.always_thinks:
        return True
    if dialect.reasoning is ReasoningStyle.NONE or not options.WhichOneof("amount"):
        return dialect.thinks_by_default
    return not (_is_off(options) and _can_stop(dialect))


def reasoning_of(options: pb.ReasoningOptions, listener: Listener) -> Json:
    """What goes into the body. Raises Failure for an amount that makes no sense."""
    if options.effort not in _WORDS and options.HasField("effort"):
        raise invalid(f"{_PATH}.effort", "is not set")
    if options.budget_tokens < 0:
        raise invalid(f"{_PATH}.budget_tokens", "is negative")
    body = _amount(options, listener)
    if listener.dialect.reasoning is ReasoningStyle.OBJECT and options.HasField("include_text"):
        return {"reasoning": {**object_of(body.get("reasoning")), "exclude": not options.include_text}}
    return body | _inclusion(options, listener)


def _amount(options: pb.ReasoningOptions, listener: Listener) -> Json:
    dialect, amount = listener.dialect, options.WhichOneof("amount")
    if amount is None:
        return {}
    path = f"{_PATH}.{amount}"
    if dialect.reasoning is ReasoningStyle.NONE:
        if listener.thinks or not _is_off(options):
            listener.drops(path, "this model cannot be told how much to think")
        return {}
    if _is_off(options):
        return _stopped(dialect) if _can_stop(dialect) else _weakest(path, listener)
    if options.HasField("budget_tokens"):
        return _budget(options.budget_tokens, path, listener)
    return _effort(_WORDS[options.effort], path, listener)


def _stopped(dialect: Dialect) -> Json:
    match dialect.reasoning:
        case ReasoningStyle.EFFORT:
            return {"reasoning_effort": _OFF}
        case ReasoningStyle.OBJECT:
            return {"reasoning": {"effort": _OFF} if _OFF in dialect.efforts else {"enabled": False}}
        case _:
            return _switch(dialect, on=False)


def _weakest(path: str, listener: Listener) -> Json:
    """For a model that cannot but think."""
    if not (words := _strengths(listener.dialect)):
        listener.drops(path, "this model always thinks")
        return {}
    listener.clamps(path, f"effort {words[0]}: this model always thinks")
    return _said(words[0], listener.dialect)


def _budget(tokens: int, path: str, listener: Listener) -> Json:
    dialect = listener.dialect
    if dialect.reasoning is ReasoningStyle.OBJECT:
        return {"reasoning": {"max_tokens": tokens}}
    if dialect.budget_field:
        return _switch(dialect, on=True) | {dialect.budget_field: tokens}
    wanted = next((word for most, word in _BUDGETS if tokens <= most), "high")
    word = _nearest(wanted, dialect)
    if word:
        listener.downgrades(path, f"to effort {word}")
    else:
        _without_words(path, listener)
    return _said(word, dialect)


def _effort(wanted: str, path: str, listener: Listener) -> Json:
    """The least and the most that a contract can ask for are whatever the model's own least and most are."""
    word = _nearest(wanted, listener.dialect)
    if not word:
        _without_words(path, listener)
    elif word != wanted and wanted not in ("minimal", "max"):
        listener.clamps(path, f"effort {word}")
    return _said(word, listener.dialect)


def _without_words(path: str, listener: Listener) -> None:
    if listener.dialect.reasoning is ReasoningStyle.EFFORT:
        listener.drops(path, "this model knows no efforts")
    else:
        listener.downgrades(path, "thinking is on, without an amount")


def _said(word: str, dialect: Dialect) -> Json:
    """The switch on, and the effort if there is a word for it."""
    if dialect.reasoning is ReasoningStyle.OBJECT:
        return {"reasoning": {"effort": word} if word else {"enabled": True}}
    return _switch(dialect, on=True) | ({"reasoning_effort": word} if word else {})


def _switch(dialect: Dialect, *, on: bool) -> Json:
    match dialect.reasoning:
        case ReasoningStyle.THINKING:
            return {"thinking": {"type": "enabled" if on else "disabled"}}
        case ReasoningStyle.ENABLE_THINKING:
            return {"enable_thinking": on}
        case ReasoningStyle.TEMPLATE:
            return {"chat_template_kwargs": {"enable_thinking": on}}
        case _:
            return {}


def _inclusion(options: pb.ReasoningOptions, listener: Listener) -> Json:
    """Whether thoughts come back; that they do where they can needs no word."""
    dialect = listener.dialect
    if not options.HasField("include_text"):
        return {}
    if dialect.include_field:
        return {dialect.include_field: options.include_text}
    if not options.include_text:
        listener.drops(f"{_PATH}.include_text", "this provider shows thoughts as it pleases")
    return {}


def _is_off(options: pb.ReasoningOptions) -> bool:
    """Of options with an amount."""
    if options.HasField("effort"):
        return options.effort == pb.REASONING_EFFORT_OFF
    return options.budget_tokens == 0


def _can_stop(dialect: Dialect) -> bool:
    is_sayable = dialect.reasoning is not ReasoningStyle.EFFORT or _OFF in dialect.efforts
    return is_sayable and not dialect.always_thinks


def _strengths(dialect: Dialect) -> list[str]:
    """The words for some thinking, weakest first."""
    return [word for word in EFFORTS if word in dialect.efforts and word != _OFF]


def _nearest(wanted: str, dialect: Dialect) -> str:
    """The word itself, or the next stronger, or the next weaker; empty if there is none."""
    words = _strengths(dialect)
    least = EFFORTS.index(wanted)
    return next((word for word in words if EFFORTS.index(word) >= least), words[-1] if words else "")
