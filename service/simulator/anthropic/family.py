"""In what models differ, by their names: PROVIDERS.md 3.8, and the vendor's page on each model."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

_FIFTH = ("claude-opus-5*", "claude-sonnet-5*", "claude-haiku-5*", "claude-fable*", "claude-mythos*")
_FROM_4_7 = ("claude-opus-4-[7-9]*", *_FIFTH)
_FROM_4_6 = ("claude-*-4-6*", *_FROM_4_7)
_TO_4_5 = ("claude-[123]*", "claude-instant*", "claude-4-*", "claude-*-4-[0-5]*", "claude-*-4@*", "claude-*-4")
_TO_4_7 = (*_TO_4_5, "claude-*-4-[67]*")
_ALWAYS = ("claude-sonnet-5-5*", "claude-opus-5-5*", "claude-fable*", "claude-mythos*")
_UNFORCED = ("claude-sonnet-5-5*", "claude-opus-5-5*", "claude-fable-5-1*", "claude-mythos-5-1*")
_OTHERS = ("minimax*", "deepseek*", "glm*", "kimi*", "moonshot*", "qwen*")


@dataclass(frozen=True, slots=True)
class Family:
    """What a model takes. A name that nobody knows takes all that the protocol has."""

    sampled: bool
    """`temperature`, `top_p` and `top_k`."""
    forced: bool
    """A tool choice that demands a call."""
    prefilled: bool
    """The beginning of the answer."""
    budgets: bool
    """`thinking: {type: enabled}`."""
    adaptive: bool
    """`thinking: {type: adaptive}`."""
    silent: bool
    """`thinking: {type: disabled}`; else it thinks without being asked, too."""
    system_turns: bool
    """Messages of the role `system`."""
    omits: bool
    """Thoughts are left out unless `display` asks for them."""
    strict: bool
    """The rules of the inventor; vendors of other models let pass what they do not know, and unsigned thoughts."""


def family_of(model: str) -> Family:
    """By the name, without what a broker puts before it and faults after it."""
    name = model.partition("+")[0].rpartition("/")[2].lower().replace(".", "-")

    def among(patterns: tuple[str, ...]) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in patterns)

    return Family(
        sampled=not among(_FROM_4_7),
        forced=not among(_UNFORCED),
        prefilled=not among(_FROM_4_6),
        budgets=not among(_FROM_4_7) or name == "claude-mythos-preview",
        adaptive=not among(_TO_4_5),
        silent=not among(_ALWAYS),
        system_turns=not among(_TO_4_7),
        omits=among(_FROM_4_7),
        strict=not among(_OTHERS),
    )
