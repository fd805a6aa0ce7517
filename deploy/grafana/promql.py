"""What a panel asks Prometheus, and how the usual questions are written."""

from dataclasses import dataclass

RATE = "$__rate_interval"
"""The window that suits the time shown: Grafana fills it in."""


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL, and what its lines are called: `{{label}}` is filled in."""

    expr: str
    legend: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One question. `unit` is Grafana's; `most` is drawn as a line that should not be crossed."""

    title: str
    description: str
    unit: str
    queries: tuple[Query, ...]
    most: float | None = None


def rate(metric: str, by: str = "", where: str = "") -> str:
    """How fast a counter grows, for each combination of the labels `by`."""
    return f"sum{_by(by)} (rate({metric}{_where(where)}[{RATE}]))"


def share(metric: str, where: str, of: str = "") -> str:
    """The part of a counter's growth that fits `where`, from 0 to 1; 0 if nothing does."""
    return f"({rate(metric, where=where)} or vector(0)) / {rate(metric, where=of)}"


def quantile(level: float, histogram: str, by: str = "") -> Query:
    """What that part of all observations stayed under."""
    labels = f"{by}, le" if by else "le"
    legend = " ".join([*(f"{{{{{label}}}}}" for label in by.split(", ") if label), f"p{level * 100:g}"])
    return Query(f"histogram_quantile({level}, {rate(f'{histogram}_bucket', labels)})", legend)


def _by(labels: str) -> str:
    return f" by ({labels})" if labels else ""


def _where(matchers: str) -> str:
    return f"{{{matchers}}}" if matchers else ""
