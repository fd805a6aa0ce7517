"""In what a vendor's, or a model's, speech differs from the protocol as its inventor speaks it.

A dialect stands in the catalog; nothing below knows a vendor by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType

from service.chat.capabilities import Capabilities, Reasoning
from service.providers.choices import EFFORTS, FORCED, ToolChoice

DROPPABLE = frozenset(
    {
        "end_user",
        "parallel_tool_calls",
        "stop",
        "temperature",
        "tool_choice",
        "tools.strict",
        "top_k",
        "top_p",
    }
)
"""What of a request can be left out without changing what is asked, and is taken by some."""

_LONGEST_UNASKED = 128_000
"""Tokens that an answer may have if nobody said how many; some count the limit against a quota."""


class Thinking(Enum):
    """How a model is told how much to think."""

    NONE = "none"
    """It cannot be told."""
    BUDGET = "budget"
    """`thinking: {type: enabled, budget_tokens: 1024}`."""
    ADAPTIVE = "adaptive"
    """`thinking: {type: adaptive}`, and `output_config: {effort: low}` if `efforts` has words."""
    SWITCH = "switch"
    """`thinking: {type: enabled}`, and the effort as above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One way of speaking the protocol; the defaults are what those take of whom nothing else is known.

    Whatever a dialect drops, clamps or weakens is reported as an adjustment. Raises ValueError for a field that
    cannot be dropped and an effort that nobody knows.
    """

    path: str = "/messages"
    """Where requests go, below the base URL; `{model}` stands for the model."""
    stream_path: str = "/messages"
    """The same for requests that want a stream."""
    model_in_body: bool = True

    # Numbers and texts that steer the sampling.

    drops: frozenset[str] = frozenset()
    """Paths out of DROPPABLE that are refused or ignored."""
    max_tokens: int = 4096
    """The output limit of a request that has none: the protocol demands one."""
    max_tokens_most: int | None = None
    """The highest output limit, in tokens."""
    temperature_most: float = 1.0
    temperature_or_top_p: bool = False
    """Only one of the two is taken: `top_p` is dropped beside a temperature."""

    # Messages.

    images: bool = True
    image_urls: bool = True
    files: bool = True
    file_ids: bool = True
    """Pictures and documents may be named that were uploaded before."""
    cache_control: bool = True
    """Breakpoints are said; else they are ignored, being hints."""
    prefill: bool = True
    """The conversation may end with the beginning of the answer."""

    # Tools.

    tools: bool = True
    tool_choices: frozenset[ToolChoice] = frozenset(ToolChoice)
    """A choice not among them becomes `auto`."""
    thinking_tool_choices: frozenset[ToolChoice] = frozenset({ToolChoice.AUTO, ToolChoice.NONE})
    """What of `tool_choices` is left while the model thinks."""

    # The form of the answer.

    json_schema: bool = False
    """`output_config.format` is understood; else the schema is said in words."""

    # Thinking.

    thinking: Thinking = Thinking.NONE
    efforts: tuple[str, ...] = ()
    """Words out of EFFORTS that are known; others are moved to the next stronger one, else the next weaker."""
    display: bool = False
    """It can be said whether the thoughts come back."""
    always_thinks: bool = False
    """Thinking cannot be turned off: the weakest effort is asked for instead."""
    thinks_by_default: bool = False
    """A request that says nothing of reasoning makes it think."""
    signatures: bool = True
    """Thoughts come with a signature, and go back only with it; else they go back as they are."""
    thoughts_placeholder: str = ""
    """Said before tool calls whose thoughts are lost, where a thinking vendor insists on some; empty: nothing."""
    thinking_drops: frozenset[str] = frozenset({"temperature", "top_k"})
    """What is dropped as well while the model thinks."""
    thinking_top_p_least: float = 0.95
    """The least `top_p` while the model thinks."""

    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    """JSON that goes into every body."""

    def __post_init__(self) -> None:
        if unknown := (self.drops | self.thinking_drops) - DROPPABLE:
            raise ValueError(f"cannot be dropped: {', '.join(sorted(unknown))}")
        if unknown := frozenset(self.efforts) - frozenset(EFFORTS):
            raise ValueError(f"not an effort: {', '.join(sorted(unknown))}")

    def of(self, can: Capabilities) -> "Dialect":
        """The same for a model of which that is known: its longest answer is the output limit, within reason."""
        most = can.max_output_tokens
        return replace(self, max_tokens=min(most, _LONGEST_UNASKED), max_tokens_most=most) if most else self

    def narrowed(self, can: Capabilities) -> Capabilities:
        """What is left of what a model can do if it is spoken to like this."""
        choices = self.tool_choices & self.thinking_tool_choices if self.always_thinks else self.tool_choices
        drops = self.drops | self.thinking_drops if self.always_thinks else self.drops
        return replace(
            can,
            tools=can.tools if self.tools else False,
            images=can.images if self.images else False,
            files=can.files if self.files else False,
            prefill=can.prefill if self.prefill and not self.always_thinks else False,
            forced_tool_choice=can.forced_tool_choice if choices & FORCED else False,
            json_schema=can.json_schema if self.json_schema else False,
            sampling=can.sampling if "temperature" not in drops else False,
            reasoning=Reasoning.ALWAYS if self.always_thinks and can.thinks else can.reasoning,
        )
