"""How many values labels can have, and so how many series there can be: in numbers, and as a formula for people."""

from dataclasses import dataclass

from service.telemetry.metrics.known import Known

TIMES = " × "


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """A sum: so many for each target, provider, route and rule, and so many besides."""

    targets: int = 0
    providers: int = 0
    routes: int = 0
    rules: int = 0
    besides: int = 0

    def of(self, known: Known) -> int:
        """The number under one configuration."""
        return (
            self.targets * len(known.targets)
            + self.providers * len(known.providers)
            + self.routes * len(known.routes)
            + self.rules * len(known.rules)
            + self.besides
        )

    def __str__(self) -> str:
        letters = (("T", self.targets), ("P", self.providers), ("R", self.routes), ("U", self.rules))
        terms = [letter for letter, count in letters if count]
        if self.besides:
            terms.append(str(self.besides))
        return terms[0] if len(terms) == 1 else f"({' + '.join(terms)})"


@dataclass(frozen=True, slots=True)
class Dimension:
    """Labels whose values come together, and how many such values there can be."""

    labels: tuple[str, ...]
    most: Most
