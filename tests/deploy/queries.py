"""Every PromQL query that `deploy/` holds, and the names in it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from tests.deploy.promtool import DEPLOY

_WORDS = frozenset(
    {"sum", "min", "max", "count", "topk", "rate", "increase", "absent", "vector", "histogram_quantile"}
    | {"by", "and", "or", "unless", "offset"}
)
_BRACES = re.compile(r"\{[^{}]*\}|\bby ?\([^()]*\)")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_:]*")


@dataclass(frozen=True, slots=True)
class Query:
    """`where` it stands, and `shown`: labels that a text beside it fills in."""

    where: str
    expr: str
    shown: frozenset[str] = frozenset()

    @property
    def labels(self) -> frozenset[str]:
        """Labels that it chooses or groups by, and those that are shown."""
        found = (re.sub(r"^by", "", part) for part in _BRACES.findall(_bare(self.expr)))
        return frozenset(name for part in found for name in _IDENTIFIER.findall(part)) | self.shown

    @property
    def chosen(self) -> dict[str, set[str]]:
        """The values that it looks for, by label."""
        found: dict[str, set[str]] = {}
        for label, values in re.findall(r'(\w+)(?:=|!=|=~|!~)"([^"]*)"', self.expr):
            found.setdefault(label, set()).update(values.split("|"))
        return found

    @property
    def metrics(self) -> frozenset[str]:
        """Metrics that it asks for."""
        left = re.sub(r"\[[^]]*\]|offset \w+|\b\d[\d.e]*", " ", _BRACES.sub(" ", _bare(self.expr)))
        return frozenset(_IDENTIFIER.findall(left)) - _WORDS


def _bare(expr: str) -> str:
    """Without what stands in quotes."""
    return re.sub(r'"[^"]*"', "", expr)


def rules() -> list[dict[str, Any]]:
    """All alerts and recorded queries."""
    groups = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def of_rules() -> Iterator[Query]:
    """Those of alerts and of what is recorded for them."""
    for rule in rules():
        said = " ".join(rule.get("annotations", {}).values())
        shown = frozenset(re.findall(r"\$labels\.(\w+)", said))
        yield Query(rule.get("alert") or rule["record"], rule["expr"], shown)


def panels() -> list[dict[str, Any]]:
    """All panels of the dashboard, rows among them."""
    return list(json.loads((DEPLOY / "grafana/mainstay.json").read_text("utf-8"))["panels"])


def of_dashboard() -> Iterator[Query]:
    """Those of the dashboard, with a window in place of Grafana's variable."""
    for panel in panels():
        for target in panel.get("targets", ()):
            shown = frozenset(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            yield Query(panel["title"], target["expr"].replace("$__rate_interval", "5m"), shown)
