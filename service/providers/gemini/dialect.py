"""In what a model's speech differs from the protocol as the newest models speak it.

A model is a value of `Dialect`, which stands in the catalog; nothing below knows a model by name.
"""

from dataclasses import dataclass, replace
from enum import Enum

from service.chat.capabilities import Capabilities, Reasoning
from service.providers.choices import EFFORTS

DROPPABLE = frozenset({"frequency_penalty", "presence_penalty", "seed", "stop", "temperature", "top_k", "top_p"})
"""What of a request can be left out without changing what is asked."""


class Thinking(Enum):
    """How a model is told how much to think."""

    NONE = "none"
    """It cannot be told, and knows no `thinkingConfig`."""
    BUDGET = "budget"
    """`thinkingBudget`, in tokens; 0 is no thinking."""
    LEVEL = "level"
    """`thinkingLevel`; there is none for no thinking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One model's way of speaking the protocol; the defaults are what the newest take.

    Whatever a dialect drops, clamps or weakens is reported as an adjustment. Raises ValueError for a field that
    cannot be dropped and an effort that nobody knows.
    """

    # Numbers and texts that steer the sampling.

    drops: frozenset[str] = frozenset()
    """Paths out of DROPPABLE that the model refuses or ignores."""
    thinking_drops: frozenset[str] = frozenset()
    """What is dropped as well while the model thinks."""
    temperature_most: float = 2.0
    max_tokens_most: int | None = None
    """The highest output limit, in tokens."""
    stop_most: int = 5
    """How many stop texts; those beyond are dropped."""

    # Pictures and documents.

    images: bool = True
    files: bool = True
    urls: bool = True
    """Pictures and documents may stay where they are; else only their bytes can be sent."""
    tool_images: bool = False
    """Pictures may stand in a tool's result; else they follow behind the results."""

    # Tools.

    tools: bool = True
    signed_calls: bool = True
    """The first call of each turn must be signed: one that another model made gets a placeholder."""

    # The form of the answer, and schemas.

    json_form: bool = True
    """`responseMimeType` and a schema beside it are understood; else an instruction stands in."""
    json_with_tools: bool = True
    """They are understood where tools are offered, too."""
    json_schemas: bool = True
    """JSON Schema is understood as it is; else it is put into the words of Google's own `Schema`."""

    # Thinking.

    thinking: Thinking = Thinking.LEVEL
    levels: tuple[str, ...] = ("low", "medium", "high")
    """Words out of EFFORTS that are levels; others are moved to the next stronger one, else the next weaker."""
    budget_least: int = 0
    """The smallest budget. Above 0 thinking cannot be turned off."""
    budget_most: int = 24_576

    # The rest.

    sse: bool = True
    """`alt=sse` is understood; else a stream comes as one JSON array."""

    def __post_init__(self) -> None:
        if unknown := (self.drops | self.thinking_drops) - DROPPABLE:
            raise ValueError(f"cannot be dropped: {', '.join(sorted(unknown))}")
        if unknown := frozenset(self.levels) - frozenset(EFFORTS[1:]):
            raise ValueError(f"not a level: {', '.join(sorted(unknown))}")

    def of(self, can: Capabilities) -> "Dialect":
        """The same for a model of which that is known: its longest answer is the output limit."""
        return replace(self, max_tokens_most=self.max_tokens_most or can.max_output_tokens)

    def narrowed(self, can: Capabilities) -> Capabilities:
        """What is left of what a model can do if it is spoken to like this; no answer can be begun for it."""
        always = self.thinking is Thinking.LEVEL or self.budget_least > 0
        return replace(
            can,
            tools=can.tools if self.tools else False,
            images=can.images if self.images else False,
            files=can.files if self.files else False,
            prefill=False,
            json_schema=can.json_schema if self.json_form else False,
            sampling=can.sampling if "temperature" not in self.drops else False,
            reasoning=Reasoning.ALWAYS if always and can.thinks else can.reasoning,
        )
