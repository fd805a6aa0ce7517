"""What is tried: scenarios, and a row of the table for each way to ask."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.chaos.stage import Stage


class Mode(StrEnum):
    """How the caller asks."""

    UNARY = "unary"
    STREAM = "stream"
    MIXED = "mixed"
    """The play decides for each call."""


BOTH = (Mode.UNARY, Mode.STREAM)
PRIMARY, SECONDARY = "primary", "secondary"

Play = Callable[["Stage"], Awaitable[None]]
"""Plays a scenario on a stage of its own. Raises Unmet."""
Section = Mapping[str, object]
"""A part of the configuration."""
UPSTREAM: Section = {"upstream": "stream"}
"""Of a route: providers stream for unary calls, too."""


def role(provider: str) -> str:
    """The one that a provider plays: `primary-uncircuited` is the primary with other settings."""
    return provider.partition("-")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A line of SCENARIOS.md, or a part of one; `key` begins with its id.

    Each row has a route of its own, and targets of its own: their budgets must not know each other. `{}` in a target
    stands for the row's name.
    """

    key: str
    does: str
    """What the provider, or the world, does."""
    play: Play
    modes: Sequence[Mode] = BOTH
    scale: int = 1
    """How many times faster than in SCENARIOS.md time passes; ratios are kept."""
    targets: Sequence[str] = ("primary/{}", "secondary/{}")
    providers: Mapping[str, Section] = field(default_factory=dict)
    """Settings of those that are no plain ones, by names such as `primary-uncircuited`."""
    models: Mapping[str, Section] = field(default_factory=dict)
    """What is known of targets."""
    route: Section = field(default_factory=dict)
    """What the route says beside the baseline, or instead of it."""

    @property
    def id(self) -> str:
        """As SCENARIOS.md has it: `S08`."""
        return self.key.partition("-")[0].upper()


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    scenario: Scenario
    mode: Mode

    @property
    def name(self) -> str:
        """Names the route, and the model at both providers."""
        return f"{self.scenario.key}-{self.mode}"


def rows(scenarios: Sequence[Scenario], only: Sequence[str] = ()) -> Iterator[Row]:
    """The rows of all scenarios, or of those with these ids."""
    for scenario in scenarios:
        if not only or scenario.id in only:
            yield from (Row(scenario, mode) for mode in scenario.modes)
