"""The words of a request that every protocol has its own for: the choice among tools, and how much to think."""

from collections.abc import Container, Mapping, Sequence
from enum import Enum

from mainstay import v1 as pb
from service.providers.refusals import invalid

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""Every word for an effort that any vendor knows, weakest first; `none` is no thinking at all."""
OFF = EFFORTS[0]


class ToolChoice(Enum):
    """What can be said about tools that are offered."""

    AUTO = "auto"
    NONE = "none"
    REQUIRED = "required"
    NAMED = "named"


_CHOICES: Mapping[pb.ToolMode.ValueType, ToolChoice] = {
    pb.TOOL_MODE_AUTO: ToolChoice.AUTO,
    pb.TOOL_MODE_NONE: ToolChoice.NONE,
    pb.TOOL_MODE_REQUIRED: ToolChoice.REQUIRED,
}
_WORDS: Mapping[pb.ReasoningEffort.ValueType, str] = {
    pb.REASONING_EFFORT_OFF: OFF,
    pb.REASONING_EFFORT_MINIMAL: "minimal",
    pb.REASONING_EFFORT_LOW: "low",
    pb.REASONING_EFFORT_MEDIUM: "medium",
    pb.REASONING_EFFORT_HIGH: "high",
    pb.REASONING_EFFORT_MAX: "max",
}
_BUDGETS = ((0, OFF), (1024, "low"), (4096, "medium"))
"""Up to how many tokens of budget an effort stands in; above the last it is "high"."""


FORCED = frozenset({ToolChoice.REQUIRED, ToolChoice.NAMED})


def choice_of(choice: pb.ToolChoice) -> ToolChoice:
    """What a request chose. Raises Failure if it chose nothing."""
    if choice.HasField("tool_name"):
        return ToolChoice.NAMED
    if choice.mode not in _CHOICES:
        raise invalid("tool_choice", "is not set")
    return _CHOICES[choice.mode]


def expect_sensible(options: pb.ReasoningOptions) -> None:
    """Raises Failure for an amount of thinking that makes no sense."""
    if options.effort not in _WORDS and options.HasField("effort"):
        raise invalid("reasoning.effort", "is not set")
    if options.budget_tokens < 0:
        raise invalid("reasoning.budget_tokens", "is negative")


def is_off(options: pb.ReasoningOptions) -> bool:
    """Whether no thinking is asked for, by options with an amount."""
    if options.HasField("effort"):
        return options.effort == pb.REASONING_EFFORT_OFF
    return options.budget_tokens == 0


def effort_word(effort: pb.ReasoningEffort.ValueType) -> str:
    """The word out of EFFORTS for a sensible effort."""
    return _WORDS[effort]


def effort_of(budget: int) -> str:
    """The word out of EFFORTS that comes nearest to a budget in tokens."""
    return next((word for most, word in _BUDGETS if budget <= most), "high")


def strengths(known: Container[str]) -> list[str]:
    """The known words for some thinking, weakest first."""
    return [word for word in EFFORTS if word in known and word != OFF]


def nearest_effort(wanted: str, known: Sequence[str]) -> str:
    """The word itself, or the next stronger one that is known, or the next weaker; empty if there is none."""
    words = strengths(known)
    least = EFFORTS.index(wanted)
    return next((word for word in words if EFFORTS.index(word) >= least), words[-1] if words else "")
