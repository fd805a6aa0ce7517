"""The baseline of SCENARIOS.md as configuration: two targets, 2 retries, 30 s in all, limits of 10 s for each stage.

A row of scale 10 has a tenth of every time limit. What the code fixes is not scaled: the base of its backoff (1 s), the
2 s for which a finished stream may be held open. Scenarios that meet those run at scale 1.
"""

from collections.abc import Mapping, Sequence

from tests.chaos.scenario import Row, Section, role

TOTAL = 30.0
FIRST_TOKEN = 10.0
STALL = 10.0
ATTEMPT = 10.0


def configuration(urls: Mapping[str, str], rows: Sequence[Row]) -> Section:
    """What config.yaml says: the providers, some of them in several ways, and a route for each row."""
    ways: dict[str, Section] = {name: {} for name in urls}
    for row in rows:
        ways.update(row.scenario.providers)
    return {
        "providers": {name: _provider(name, urls[role(name)], settings, rows) for name, settings in ways.items()},
        "routes": {row.name: _route(row) for row in rows},
    }


def _provider(name: str, url: str, settings: Section, rows: Sequence[Row]) -> Section:
    models = {
        model: known
        for row in rows
        for target, known in row.scenario.models.items()
        for provider, model in [target.format(row.name).split("/")]
        if provider == name
    }
    return {"protocol": "openai", "base_url": url, "auth": "none", "models": models, **settings}


def _route(row: Row) -> Section:
    scale = row.scenario.scale
    return {
        "targets": [target.format(row.name) for target in row.scenario.targets],
        "tries": {"first": 3},
        "first_token_timeout": f"{FIRST_TOKEN / scale:g}s",
        "stall_timeout": f"{STALL / scale:g}s",
        "attempt_timeout": f"{ATTEMPT / scale:g}s",
        **row.scenario.route,
    }
