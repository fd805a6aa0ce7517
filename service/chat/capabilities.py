"""What is known of what a model can do."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import Enum


class Ability(Enum):
    """What a call may need and some models lack. The values are the names of fields of Capabilities."""

    TOOLS = "tools"
    IMAGES = "images"
    FILES = "files"
    PREFILL = "prefill"
    FORCED_TOOL_CHOICE = "forced_tool_choice"


class Reasoning(Enum):
    """Whether a model thinks before it answers."""

    SWITCH = "switch"
    """If it is asked to."""
    ALWAYS = "always"
    NONE = "none"
    """Never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """Of one model, or of several together. True: known to. False: known not to. None: unknown, so worth a try."""

    context_tokens: int | None = None
    """The size of the context window."""
    max_output_tokens: int | None = None
    """The longest answer."""
    tools: bool | None = None
    images: bool | None = None
    files: bool | None = None
    """It reads documents."""
    prefill: bool | None = None
    """It goes on with an answer that is begun: with a conversation that ends with the assistant."""
    forced_tool_choice: bool | None = None
    """It can be told that it must call a tool."""
    json_schema: bool | None = None
    """It keeps to a JSON schema on its own."""
    sampling: bool | None = None
    """It heeds a temperature."""
    reasoning: Reasoning | None = None

    @property
    def thinks(self) -> bool | None:
        """Whether it does if asked to."""
        return None if self.reasoning is None else self.reasoning is not Reasoning.NONE

    @property
    def lacks(self) -> frozenset[Ability]:
        """What it is known not to be able to."""
        return frozenset(ability for ability in Ability if getattr(self, ability.value) is False)

    def over(self, below: "Capabilities") -> "Capabilities":
        """The same; where nothing is known, what `below` knows."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        return Capabilities(**{name: getattr(below, name) if value is None else value for name, value in own.items()})


def shared(known: Iterable[Capabilities]) -> Capabilities:
    """What is known of every one of them; of nobody, nothing. Of limits the smallest, of reasoning that all think."""
    each = list(known)
    return Capabilities(
        context_tokens=_smallest([one.context_tokens for one in each]),
        max_output_tokens=_smallest([one.max_output_tokens for one in each]),
        tools=_common([one.tools for one in each]),
        images=_common([one.images for one in each]),
        files=_common([one.files for one in each]),
        prefill=_common([one.prefill for one in each]),
        forced_tool_choice=_common([one.forced_tool_choice for one in each]),
        json_schema=_common([one.json_schema for one in each]),
        sampling=_common([one.sampling for one in each]),
        reasoning=Reasoning.SWITCH if _common([one.thinks for one in each]) else None,
    )


def _smallest(limits: list[int | None]) -> int | None:
    known = [limit for limit in limits if limit is not None]
    return min(known) if known and len(known) == len(limits) else None


def _common(words: list[bool | None]) -> bool | None:
    return words[0] if words and all(word is words[0] for word in words) else None
