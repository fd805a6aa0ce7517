"""Decides which faults strike the next request: those in its model name, then those of the rules."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from service.simulator.conditions import Conditional, When, strikes
from service.simulator.faults import Fault
from service.simulator.grammar import ModelName

_MAX_NAMES = 10_000  # model names whose requests are counted; the oldest is forgotten


@dataclass(frozen=True, slots=True)
class Rule:
    """Faults for the models whose name, without its own faults, matches the glob `model`.

    `source` is the rule as it was given.
    """

    model: str
    when: When
    faults: tuple[Fault, ...]
    source: Mapping[str, object] = field(default_factory=dict)


class Script:
    """The rules in force, and how many requests each rule and each model name has seen."""

    def __init__(self, rules: Sequence[Rule], seed: int) -> None:
        self._seed = seed
        self._names: OrderedDict[str, int] = OrderedDict()
        self.replace(rules)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force."""
        return self._rules

    def replace(self, rules: Sequence[Rule]) -> None:
        """Put `rules` in force; they count from 1."""
        self._rules = tuple(rules)
        self._seen = [0] * len(self._rules)

    def restart(self) -> None:
        """Begin every sequence anew."""
        self._names.clear()
        self._seen = [0] * len(self._rules)

    def strike(self, model: ModelName) -> tuple[Fault, ...]:
        """The faults of this request, in the order in which they happen; counts it."""
        return (*self._by_name(model), *self._by_rule(model))

    def _by_name(self, model: ModelName) -> list[Fault]:
        faults: list[Fault] = []
        number = self._count(model) if any(isinstance(item, Conditional) for item in model.items) else 0
        for n, item in enumerate(model.items):
            if not isinstance(item, Conditional):
                faults.append(item)
            elif strikes(item.when, number, f"{self._seed}/{model.text}/{n}"):
                faults.extend(item.faults)
        return faults

    def _by_rule(self, model: ModelName) -> list[Fault]:
        faults: list[Fault] = []
        for n, rule in enumerate(self._rules):
            if fnmatchcase(model.base, rule.model):
                self._seen[n] += 1
                if strikes(rule.when, self._seen[n], f"{self._seed}/rule {n}"):
                    faults.extend(rule.faults)
        return faults

    def _count(self, model: ModelName) -> int:
        number = self._names.pop(model.text, 0) + 1
        self._names[model.text] = number
        if len(self._names) > _MAX_NAMES:
            self._names.popitem(last=False)
        return number
