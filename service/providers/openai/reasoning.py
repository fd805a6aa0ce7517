"""Writes how much the model shall think."""

from mainstay import v1 as pb
from service.providers.choices import OFF, effort_of, effort_word, expect_sensible, is_off, nearest_effort, strengths
from service.providers.openai.dialect import Dialect, ReasoningStyle
from service.providers.openai.listener import Listener
from service.providers.values import Json, object_of

_PATH = "reasoning"


def thinks(options: pb.ReasoningOptions, dialect: Dialect) -> bool:
    """Whether the model will think, as far as the dialect tells."""
    if dialect.always_thinks:
        return True
    if dialect.reasoning is ReasoningStyle.NONE or not options.WhichOneof("amount"):
        return dialect.thinks_by_default
    return not (is_off(options) and _can_stop(dialect))


def reasoning_of(options: pb.ReasoningOptions, listener: Listener) -> Json:
    """What goes into the body. Raises Failure for an amount that makes no sense."""
    expect_sensible(options)
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
        if listener.thinks or not is_off(options):
            listener.drops(path, "this model cannot be told how much to think")
        return {}
    if is_off(options):
        return _stopped(dialect) if _can_stop(dialect) else _weakest(path, listener)
    if options.HasField("budget_tokens"):
        return _budget(options.budget_tokens, path, listener)
    return _effort(effort_word(options.effort), path, listener)


def _stopped(dialect: Dialect) -> Json:
    match dialect.reasoning:
        case ReasoningStyle.EFFORT:
            return {"reasoning_effort": OFF}
        case ReasoningStyle.OBJECT:
            return {"reasoning": {"effort": OFF} if OFF in dialect.efforts else {"enabled": False}}
        case _:
            return _switch(dialect, on=False)


def _weakest(path: str, listener: Listener) -> Json:
    """For a model that cannot but think."""
    if not (words := strengths(listener.dialect.efforts)):
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
    word = nearest_effort(effort_of(tokens), dialect.efforts)
    if word:
        listener.downgrades(path, f"to effort {word}")
    else:
        _without_words(path, listener)
    return _said(word, dialect)


def _effort(wanted: str, path: str, listener: Listener) -> Json:
    """The least and the most that a contract can ask for are whatever the model's own least and most are."""
    word = nearest_effort(wanted, listener.dialect.efforts)
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


def _can_stop(dialect: Dialect) -> bool:
    is_sayable = dialect.reasoning is not ReasoningStyle.EFFORT or OFF in dialect.efforts
    return is_sayable and not dialect.always_thinks
