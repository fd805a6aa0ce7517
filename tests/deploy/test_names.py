"""Alerts and dashboard ask for metrics and labels that exist: those of the table, and what Prometheus itself adds."""

import pytest
from prometheus_client import CollectorRegistry, ProcessCollector

from service.pipeline.facts import Fit
from service.telemetry.metrics import dimensions
from service.telemetry.metrics.instrument import Kind, prometheus_label
from service.telemetry.metrics.table import TABLE
from tests.deploy.queries import Query, of_dashboard, of_rules, rules

ADDED = {"job", "instance"}
QUERIES = [*of_rules(), *of_dashboard()]


def known() -> dict[str, set[str]]:
    """The labels of every series there is, by its name."""
    series: dict[str, set[str]] = {"up": set()}
    for row in TABLE:
        labels = {prometheus_label(label) for label in row.labels}
        if row.kind is Kind.HISTOGRAM:
            series |= {
                f"{row.family}_bucket": labels | {"le"},
                f"{row.family}_sum": labels,
                f"{row.family}_count": labels,
            }
        else:
            series[row.prometheus_name] = labels
    for family in ProcessCollector(registry=CollectorRegistry()).collect():
        series |= {sample.name: set() for sample in family.samples}
    return series | {rule["record"]: set() for rule in rules() if "record" in rule}


KNOWN = known()
VALUES = {
    "job": {"mainstay"},
    "error_type": {"", *dimensions.FAILURES.values()},
    "mainstay_attempt_outcome": {*dimensions.OUTCOMES.values()},
    "mainstay_cache_result": {"hit", "miss", "bypassed"},
    "mainstay_fit": {fit.value for fit in Fit},
    "mainstay_reason": {*dimensions.REASONS},
    "mainstay_source": {*dimensions.SOURCES.values()},
    "rpc_method": {*dimensions.METHODS.values()},
    "gen_ai_token_type": {"input", "output"},
}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.where)
def test_a_query_asks_for_what_there_is(query: Query) -> None:
    assert query.metrics
    assert query.metrics <= set(KNOWN)
    assert query.labels <= ADDED.union(*(KNOWN[metric] for metric in query.metrics))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.where)
def test_a_query_looks_for_values_that_there_can_be(query: Query) -> None:
    for label, values in query.chosen.items():
        assert values <= VALUES[label]


def test_the_names_in_a_query_are_found() -> None:
    query = Query("", 'sum by (a, le) (rate(x_total{b=~"c|d"}[5m])) > 1e3 and y offset 15m', frozenset({"z"}))
    assert query.metrics == {"x_total", "y"}
    assert query.labels == {"a", "le", "b", "z"}
    assert query.chosen == {"b": {"c", "d"}}


def test_the_dashboard_shows_every_metric_that_this_service_makes() -> None:
    asked = {metric for query in of_dashboard() for metric in query.metrics}
    unseen = {row.prometheus_name for row in TABLE if not any(name.startswith(row.family) for name in asked)}
    assert unseen <= {"mainstay_cache_entries"}  # its size tells as much
