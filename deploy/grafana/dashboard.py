"""Writes `mainstay.json`, Grafana's dashboard, from `panels.py`: `make dashboard`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from deploy.grafana.panels import ROWS
from deploy.grafana.promql import Panel

FILE = Path(__file__).with_name("mainstay.json")
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
WIDTH, HEIGHT, PER_LINE = 8, 8, 3


def main() -> None:
    """Writes the file anew."""
    FILE.write_text(text(), "utf-8")


def text() -> str:
    """The whole file."""
    return json.dumps(_dashboard(), indent=1, ensure_ascii=False) + "\n"


def _dashboard() -> dict[str, Any]:
    return {
        "uid": "mainstay",
        "title": "Mainstay",
        "description": "Written by deploy/grafana/dashboard.py; changes made here are lost.",
        "tags": ["mainstay"],
        "schemaVersion": 39,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [{"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus"}]
        },
        "panels": [{**panel, "id": number} for number, panel in enumerate(_panels(), start=1)],
    }


def _panels() -> Iterator[dict[str, Any]]:
    """Rows, each with its panels below it, from left to right."""
    top = 0
    for title, panels in ROWS.items():
        yield {"type": "row", "title": title, "collapsed": False, "panels": [], "gridPos": _place(0, top, 24, 1)}
        top += 1
        for index, panel in enumerate(panels):
            line, column = divmod(index, PER_LINE)
            yield _panel(panel, _place(column * WIDTH, top + line * HEIGHT, WIDTH, HEIGHT))
        top += -(-len(panels) // PER_LINE) * HEIGHT


def _place(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def _panel(panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    return {
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {"refId": chr(ord("A") + index), "datasource": SOURCE, "expr": query.expr, "legendFormat": query.legend}
            for index, query in enumerate(panel.queries)
        ],
    }


def _defaults(panel: Panel) -> dict[str, Any]:
    drawn: dict[str, Any] = {"unit": panel.unit, "min": 0}
    if panel.most is not None:
        steps = [{"color": "green", "value": None}, {"color": "red", "value": panel.most}]
        drawn["thresholds"] = {"mode": "absolute", "steps": steps}
        drawn["custom"] = {"thresholdsStyle": {"mode": "dashed"}}
    return drawn


if __name__ == "__main__":
    main()
