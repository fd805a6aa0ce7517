"""Prometheus's own tool reads what we give to Prometheus, and every alert is tried."""

import re
from pathlib import Path

import pytest
import yaml

from tests.deploy.promtool import DEPLOY, needs_promtool, promtool
from tests.deploy.queries import of_dashboard, rules

PROMETHEUS = DEPLOY / "prometheus"
ROOT = DEPLOY.parent
ALERTS = [rule for rule in rules() if "alert" in rule]


@needs_promtool
def test_promtool_accepts_the_configuration_and_the_rules() -> None:
    assert "SUCCESS" in promtool("check", "config", "prometheus.yml")
    assert "SUCCESS" in promtool("check", "rules", "--lint=all", "--lint-fatal", "alerts.yml")


@needs_promtool
def test_alerts_fire_when_they_should_and_only_then() -> None:
    assert "SUCCESS" in promtool("test", "rules", "alerts_test.yml")


@needs_promtool
def test_every_query_of_the_dashboard_can_be_read(tmp_path: Path) -> None:
    recorded = [{"record": f"panel:{number}", "expr": query.expr} for number, query in enumerate(of_dashboard())]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": recorded}]}))
    assert f"{len(recorded)} rules found" in promtool("check", "rules", "rules.yml", folder=tmp_path)


@pytest.mark.parametrize("fires", [True, False], ids=["fires", "stays silent"])
def test_every_alert_has_a_test_in_which_it(fires: bool) -> None:
    tests = yaml.safe_load((PROMETHEUS / "alerts_test.yml").read_text("utf-8"))["tests"]
    tried = {
        case["alertname"] for test in tests for case in test["alert_rule_test"] if bool(case.get("exp_alerts")) is fires
    }
    assert tried == {rule["alert"] for rule in ALERTS}


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_it_is_with_numbers_and_where_to_read_on(rule: dict[str, dict[str, str]]) -> None:
    annotations = rule["annotations"]
    assert set(annotations) == {"summary", "description", "runbook_url"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert re.search(r"\$value|\$labels|\bNot one\b", annotations["description"])
    page, anchor = annotations["runbook_url"].split("#")
    assert f"## {rule['alert']}\n" in (ROOT / page).read_text("utf-8")
    assert anchor == str(rule["alert"]).lower()
