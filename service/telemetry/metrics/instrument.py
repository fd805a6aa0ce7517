"""One row of the table: a metric under both its names, OpenTelemetry's and Prometheus's."""

from dataclasses import dataclass
from enum import Enum
from math import prod

from service.telemetry.metrics.known import Known
from service.telemetry.metrics.most import TIMES, Dimension

UNITS = {"s": "seconds", "By": "bytes"}
"""Unit to the word that Prometheus names end with; those in braces say what is counted, and are dropped."""


class Kind(Enum):
    """What a metric is."""

    COUNTER = "counter"
    UP_DOWN = "up-down counter"
    """A sum that may fall; a gauge to Prometheus."""
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A metric."""

    name: str
    unit: str
    """In UCUM."""
    kind: Kind
    dimensions: tuple[Dimension, ...]
    question: str
    """What it answers."""
    constants: tuple[tuple[str, str], ...] = ()
    """Labels that never change, with their value: the conventions want them."""
    buckets: tuple[float, ...] = ()
    """Upper bounds, the infinite one left out."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of all labels, those of constants first."""
        of_dimensions = (label for dimension in self.dimensions for label in dimension.labels)
        return (*(label for label, _ in self.constants), *of_dimensions)

    @property
    def prometheus_unit(self) -> str:
        """As OpenTelemetry's rules for Prometheus have it; a gauge of unit 1 is a ratio."""
        if self.unit == "1":
            return "ratio" if self.kind is Kind.GAUGE else ""
        return UNITS.get(self.unit, "")

    @property
    def family(self) -> str:
        """The name in Prometheus, without what a counter or a histogram ends with."""
        name = prometheus_label(self.name)
        return f"{name}_{self.prometheus_unit}" if self.prometheus_unit else name

    @property
    def prometheus_name(self) -> str:
        """What a query asks for."""
        return f"{self.family}_total" if self.kind is Kind.COUNTER else self.family

    @property
    def lines(self) -> int:
        """Series for each combination of labels: a histogram has one a bucket, the infinite one, a sum and a count."""
        return len(self.buckets) + 3 if self.kind is Kind.HISTOGRAM else 1

    def most(self, known: Known) -> int:
        """Series that there can be at most."""
        return self.lines * prod(dimension.most.of(known) for dimension in self.dimensions)

    @property
    def formula(self) -> str:
        """The same in letters: T targets of routes, P providers, R routes, U rules."""
        factors = [str(dimension.most) for dimension in self.dimensions if str(dimension.most) != "1"]
        return TIMES.join([str(self.lines), *factors] if self.lines > 1 or not factors else factors)


def prometheus_label(name: str) -> str:
    """A name without dots."""
    return name.replace(".", "_")
